"""What a bidder says: the letter inside the envelope, as one value with one way to write it down."""
