"""What a round asks its applicants beside the statement: the questions of its set, and the prices of the lots chosen.

An answer given before, in whatever framework, is carried over as its question says: at once, once confirmed, or never. What the
profile knows is shown and not asked.
"""
