"""The exchange round: answering for one's own list, by a letter's link or signed in, and looking at all answers."""
