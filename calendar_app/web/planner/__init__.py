"""The planner: months of every process at a glance."""
