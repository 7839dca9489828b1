"""Answers for machines that watch this one."""
