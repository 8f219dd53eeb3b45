"""The contract as Python types. Generated from openapi/ by `python -m parley.codegen`; changes belong there."""
