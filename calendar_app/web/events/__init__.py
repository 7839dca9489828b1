"""Coming and past events, and one event."""
