"""Looking at providers: the profile, what it offers, and who works there."""

from app.providers.queries.consortia import (
    ConsortiumLine,
    ConsortiumView,
    MemberView,
    consortia_of,
    consortium,
    live_member,
    own_consortium_named,
    visible_consortium,
)
from app.providers.queries.duplicates import Alike, Pair, alike, known_as, pairs, suggested
from app.providers.queries.offers import Choice, Group, area_groups, chosen_areas, chosen_therapies, therapy_groups
from app.providers.queries.people import PractitionerView, bodies, practitioners
from app.providers.queries.sites import SiteView, site, sites
from app.providers.queries.whole import Profile, own_provider, profile, snapshot

__all__ = [
    "Alike",
    "Choice",
    "ConsortiumLine",
    "ConsortiumView",
    "Group",
    "MemberView",
    "Pair",
    "PractitionerView",
    "Profile",
    "SiteView",
    "alike",
    "area_groups",
    "bodies",
    "chosen_areas",
    "chosen_therapies",
    "consortia_of",
    "consortium",
    "known_as",
    "live_member",
    "own_consortium_named",
    "own_provider",
    "pairs",
    "practitioners",
    "profile",
    "site",
    "sites",
    "snapshot",
    "suggested",
    "therapy_groups",
    "visible_consortium",
]
