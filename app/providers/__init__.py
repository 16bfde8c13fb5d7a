"""One profile for every framework and every buyer.

A provider tells its facts once: who it is and by which official numbers it is known, what it offers, where and at which sites,
and its practitioners. registered -> active once the core profile is told; it may pause, until a day or until it says, and
close for good. Two that may be one are suggested and never merged. Consortia are made of members' live profiles. Therapies and
professional bodies are reference data with their sources.
"""
