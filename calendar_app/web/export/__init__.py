"""The lists of events as files."""
