"""The full referral of a brief: what names the family, kept encrypted, for the provider that wins and has signed for it alone.

A document is attached, scanned, and until the award withdrawn or replaced. Nothing here tells a file's name or a word of it
to the audit trail or to a mail: documents are numbered.
"""
