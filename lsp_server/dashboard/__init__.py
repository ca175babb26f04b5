"""`tacit dashboard`: one page on this machine that shows what the servers do, and why."""
