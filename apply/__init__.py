"""From a rough sketch of a change to an exact edit of the real file, or to a refusal that says why."""
