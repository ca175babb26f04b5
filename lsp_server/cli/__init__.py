"""One module per command of `tacit`, imported only when its command is called."""
