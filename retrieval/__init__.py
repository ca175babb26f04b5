"""Find code by meaning and by name, in an index that costs nothing to keep."""
