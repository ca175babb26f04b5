"""Measurements of speed, against peers where they are installed."""
