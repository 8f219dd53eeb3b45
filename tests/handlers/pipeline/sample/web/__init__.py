"""Handlers of the sample document."""
