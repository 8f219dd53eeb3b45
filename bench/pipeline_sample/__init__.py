"""The same four operations in five frameworks, for `python -m bench.pipeline`."""
