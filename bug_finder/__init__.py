"""Functions as they are written, read for what is probably wrong in them: few findings, right, and fast."""
