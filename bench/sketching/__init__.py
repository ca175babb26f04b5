"""Sketches made of real changes, in many styles."""
