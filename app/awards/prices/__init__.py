"""The page of a brief's second envelope: quality is put on record, and two people open the prices."""
