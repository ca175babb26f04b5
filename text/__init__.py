"""Text without an editor: documents, positions, edits, syntax and style. Pure; imports nothing of ours."""
