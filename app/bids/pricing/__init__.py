"""The price of a bid, line by line: what each thing costs, so that nothing is charged later that nobody was told of."""
