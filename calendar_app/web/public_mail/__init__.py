"""The public monthly mail: asking for it, confirming it, ending it."""
