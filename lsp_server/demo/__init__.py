"""An editing session on a small sample project, replayed through the real server and shown in a terminal."""
