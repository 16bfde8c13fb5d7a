"""What those invited answered, in general: the reasons of “not this time”, once the bids are opened."""
