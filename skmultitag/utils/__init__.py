"""Checks and helpers that the other folders share; not part of the public API."""
