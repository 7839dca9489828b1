"""The coordination review: its agenda, what is decided while it is held, and its minutes."""
