"""From values to wire formats: one module for each format, all of them pure functions."""
