"""Inline completion: prompts, prediction, filters, and a reason for every silence."""
