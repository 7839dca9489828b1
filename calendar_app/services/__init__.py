"""Use cases. Each function takes a session and, where it matters, `now`; it may flush and never commits."""
