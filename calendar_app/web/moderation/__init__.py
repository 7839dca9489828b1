"""The queue of an organisation: submissions and proposals, and the decisions on them."""
