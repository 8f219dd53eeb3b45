"""Rows as the contract shows them: one module for each noun."""
