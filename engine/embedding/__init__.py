"""Vectors for texts that need no provider: the bundled English sentence model and hashed words of any language."""
