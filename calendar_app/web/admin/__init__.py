"""Organisations, members, reference lists, the audit log."""
