"""The daily work on events: editing, moving, cancelling, copying, rounds, options, merging, undoing, history."""
