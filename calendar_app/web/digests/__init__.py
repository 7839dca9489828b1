"""The archive of digests, the next one as it would be now, and who gets them."""
