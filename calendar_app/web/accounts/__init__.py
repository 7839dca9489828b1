"""Signing in, the own account, invitations."""
