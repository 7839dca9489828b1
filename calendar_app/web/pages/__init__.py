"""Pages of plain text."""
