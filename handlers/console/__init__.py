"""The Console tier: what administrators do with a workspace."""
