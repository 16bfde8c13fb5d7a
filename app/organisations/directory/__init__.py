"""The directory of agencies as at a day: who serves which authority, who signs, and what became of whom.

Pan-region -> regional adoption agency -> local authority, every link from a day and until one. A merger, a split or a move is
recorded with its day and its source; what was true before stays.
"""
