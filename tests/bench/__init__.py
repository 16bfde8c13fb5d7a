"""How fast the product is, against the floor: the same framework, driver and template engine with nothing of ours on top."""
