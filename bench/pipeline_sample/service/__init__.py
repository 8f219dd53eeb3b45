"""Handlers of the measured document."""
