"""Due diligence: told once, uploaded once, checked once, relied on by many.

An item of evidence is a typed fact of a provider or of one of its practitioners (issuer, number, cover, dates), promised
or supplied with a document. A document is quarantined until it is scanned, and nobody opens it before. A checker of another
organisation verifies the item or returns it with the exact fix. What is current is derived from dates, never pushed.
"""
