"""One page of every open brief that a provider is invited to, in all its regions: how well it fits, and who works on the bid."""
