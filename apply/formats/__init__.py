"""The ways in which a change is sketched, each read into the same rows (`apply/rows.py`)."""
