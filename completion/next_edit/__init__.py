"""The next edit: where it is and what it says, or silence."""
