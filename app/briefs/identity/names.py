"""Names that people in England have, and words that begin with a capital letter and are no names: lists in small letters."""

from typing import Final

from app.briefs.identity.lists import lines, listed

GIVEN: Final = listed("given")
"""Given names that are no English word, no place and no brand: one is a finding wherever it stands, in any letters."""

IF_CAPITAL: Final = listed("given_if_capital")
"""Those of them that are words in small letters: a teddy, a carol."""

MAYBE: Final = listed("given_or_word")
"""Given names that are words, places or brands too: a finding where what stands around them says that it is a person."""

SELDOM_A_WORD: Final = listed("given_seldom_word")
"""Those of them that hardly anything but a person is called: 'Tom Whitcombe', where 'Hope House' is none."""

MONTH_OR_PLACE: Final = listed("given_or_place")
"""Those of them that ordinary English writes with a capital letter, or that often name a place or a thing."""

SURNAMES: Final = listed("surnames")
"""Surnames that are no English word and no place."""

WIDE_AREAS: Final = listed("wide_areas")
"""Countries, regions and counties: naming one makes nobody known."""

ORDINARY: Final = listed("ordinary")
"""Words that begin a sentence or name a language, faith, day, service, method, author or game."""

NO_PERSON: Final = ORDINARY | WIDE_AREAS | listed("places")
"""What is no person even where a name might stand."""

PHRASES: Final = lines("phrases")
"""Two words that name an author of a method, a story, a star or a thing."""
