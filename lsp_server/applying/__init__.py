"""Applying sketches in the editor: which sketch, to which files, as which edits; or why not."""
