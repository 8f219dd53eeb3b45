"""The contract itself: the documents are valid, tell the truth in their examples, and keep the rules of the house."""
