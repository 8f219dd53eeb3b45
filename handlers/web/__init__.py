"""The Web tier: what visitors of a published app do."""
