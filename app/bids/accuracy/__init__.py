"""What a member stated of its capacity against what happened when it was invited: in figures, and in plain words.

Only briefs whose bids have been opened are counted, so that nobody learns from it that a sealed bid exists. What happens after an
award, such as the day of the first session, is not recorded yet and so not compared.
"""
