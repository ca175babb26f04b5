"""Sessions in real editors, with the real server and a real model."""
