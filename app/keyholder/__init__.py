"""The keyholder: a process of its own that alone can read the private keys, and gives out what they open.

It asks the rules of the rooms below with its own look at the database, and believes nobody's word: who asks is proved by the
token of their live session, the first of two approvals by a code of its own, the time by two clocks. Everything asked of it
is written down, and what it refused too. `holder` is what it does, `keys`, `two_people`, `opening`
and `prices` how, `serving` the process.
"""
