"""The identity guard: what in a text could tell who the child is. Pure, and on the side of asking too often.

It knows patterns and lists of names, not people: a second person still reads every brief before it is published. How much it
finds, and how often it asks in vain, is measured by tests/briefs/test_identity.py. Each step is linear in the text's length.
"""

from app.briefs.identity.finding import each_once, identifying, pieces
from app.briefs.identity.kinds import NAMES, Finding
from app.briefs.identity.texts import Excerpt, Guarded, guarded, text_digest

__all__ = ["NAMES", "Excerpt", "Finding", "Guarded", "each_once", "guarded", "identifying", "pieces", "text_digest"]
