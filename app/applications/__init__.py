"""Joining lots: one application, many agencies, each part decided on its own.

in progress -> submitted (with a snapshot and its SHA-256) -> decided; withdrawn before that, lapsed when the round closes on
it. Each lot x region asked for is accepted, which opens a membership, or refused, which needs a reason and a second person.
"""
