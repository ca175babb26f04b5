"""Findings in the editor: when a document is read, what is shown of it, and what the user does about it."""
