"""Provider x lot x region: who may be invited, and why not.

A membership is conditional until its provider has signed the agreement; it then lives until it is ended. Whether it may be
used today is never stored: it is suspended because a required document has lapsed, and active again once a checker has
verified the new one. One eligibility function answers everywhere, with reasons.
"""
