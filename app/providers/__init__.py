"""One profile for every framework and every buyer.

A provider tells its facts once: who it is, what it offers and where, and its practitioners. draft -> registered -> active;
it may pause itself and come back. Therapies and professional bodies are reference data with their sources.
"""
