"""The form by which events come in, and what becomes of what was sent."""
