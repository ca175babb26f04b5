"""The search index in the editor: a process of its own that keeps it in step and answers questions."""
