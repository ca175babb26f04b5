"""What no user does on purpose, for as long as one likes: `python -m tests.torture`; CI runs a short form.

Each torture takes an amount, fails by an AssertionError, and returns what it saw.
"""
