"""A driver per editor: `start(world)` opens the editor as a context and gives a `Driver`."""
