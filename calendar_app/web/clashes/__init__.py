"""The board of clashes and opportunities, and the page of one of them."""
