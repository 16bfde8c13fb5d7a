"""What needs each person, derived from the rooms below in a constant number of queries."""
