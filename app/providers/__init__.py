"""One profile for every framework and every buyer.

A provider tells its facts once: who it is and by which official numbers it is known, what it offers, where and at which sites,
and its practitioners. registered -> active once the core profile is told, which it needs to apply; it may pause, until a
day or until it says; be restricted by two of those who lead its frameworks or run the service, and freed by two; and close
for good once nothing above stands in the way. Two that may be one are suggested and never merged. Consortia are made of
members' live profiles. Therapies and professional bodies are reference data with their sources.
"""
