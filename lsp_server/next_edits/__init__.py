"""Next edits in the editor: when one is shown and where, what became of it, and which one comes after it."""
