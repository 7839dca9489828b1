"""Choosing a feed."""
