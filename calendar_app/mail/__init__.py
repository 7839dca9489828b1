"""Composing and delivering messages."""
