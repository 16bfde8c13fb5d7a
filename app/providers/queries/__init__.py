"""Looking at providers: the profile, what it offers, and who works there."""

from app.providers.queries.offers import Choice, Group, area_groups, chosen_areas, chosen_therapies, therapy_groups
from app.providers.queries.people import PractitionerView, bodies, practitioners
from app.providers.queries.whole import Profile, own_provider, profile, snapshot

__all__ = [
    "Choice",
    "Group",
    "PractitionerView",
    "Profile",
    "area_groups",
    "bodies",
    "chosen_areas",
    "chosen_therapies",
    "own_provider",
    "practitioners",
    "profile",
    "snapshot",
    "therapy_groups",
]
