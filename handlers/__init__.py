"""The contract's functions: one module for each tag, one function for each operationId."""
