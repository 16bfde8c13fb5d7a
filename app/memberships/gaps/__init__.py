"""Where a framework has too few members: lots by regions, with how many could be invited today and what follows from it."""
