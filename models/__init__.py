"""Tables and their queries: one module for each aggregate, every query bound to a scope."""
