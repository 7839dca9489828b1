"""Bringing in what others already wrote: a sheet or a calendar file, looked through before anything changes."""
