"""Mistakes that need no model: what a reader sees to be wrong without knowing the program."""
