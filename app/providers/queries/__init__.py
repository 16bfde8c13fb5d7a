"""Looking at providers: the profile, what it offers, and who works there."""

from app.providers.queries.duplicates import Alike, Pair, alike, known_as, pairs, suggested
from app.providers.queries.offers import Choice, Group, area_groups, chosen_areas, chosen_therapies, therapy_groups
from app.providers.queries.people import PractitionerView, bodies, practitioners
from app.providers.queries.whole import Profile, own_provider, profile, snapshot

__all__ = [
    "Alike",
    "Choice",
    "Group",
    "Pair",
    "PractitionerView",
    "Profile",
    "alike",
    "area_groups",
    "bodies",
    "chosen_areas",
    "chosen_therapies",
    "known_as",
    "own_provider",
    "pairs",
    "practitioners",
    "profile",
    "snapshot",
    "suggested",
    "therapy_groups",
]
