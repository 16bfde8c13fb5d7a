"""What a brief asks for beside its words: the route to market, the work, the money, the price formula and the questions.

A template per service proposes them, a commissioner changes them, and the checker reads them before anybody publishes.
"""
