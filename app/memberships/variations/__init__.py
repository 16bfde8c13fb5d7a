"""A new version of a framework's agreement: proposed by one lead, approved by another, and answered member by member.

What no answer means and what becomes of those who decline are data of the version. Nobody is bound by it before its day; a
member that declines keeps the version before it, or its membership ends with notice. Who signs after the last day to answer
signs the new version itself.
"""
