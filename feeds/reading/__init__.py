"""From other people's feeds to values: one module for each format, all of them pure functions.

What is read is foreign: anything may stand in it. A reader never raises anything but ReadFailedError, and then for
the feed as a whole; one bad event is left out with a remark that says so, and the rest is kept.
"""
