"""Whether a member may act in a lot and region today, and if not, every reason. Pure."""
