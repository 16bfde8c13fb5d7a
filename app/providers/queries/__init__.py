"""Looking at providers: the profile, what it offers, and who works there."""

from app.providers.queries.closing import ClosingPage, closing, in_the_way, provider_to_close
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
from app.providers.queries.importing import ImportPage, import_page, known
from app.providers.queries.life import in_force, life, restricted, unfinished
from app.providers.queries.offers import Choice, Group, area_groups, chosen_areas, chosen_therapies, therapy_groups
from app.providers.queries.people import (
    PractitionerView,
    RegistrationView,
    bodies,
    body_patterns,
    known_people,
    own_practitioner,
    practitioners,
    registrations,
)
from app.providers.queries.practice import (
    PractitionerPage,
    TherapyView,
    grounds,
    newest_dbs,
    part_as_typed,
    practitioner_page,
    therapies_allowed_by,
)
from app.providers.queries.services import Offered, offered, services
from app.providers.queries.sites import SiteView, site, sites
from app.providers.queries.whole import Profile, own_provider, profile, snapshot

__all__ = [
    "Alike",
    "Choice",
    "ClosingPage",
    "ConsortiumLine",
    "ConsortiumView",
    "Group",
    "ImportPage",
    "MemberView",
    "Offered",
    "Pair",
    "PractitionerPage",
    "PractitionerView",
    "Profile",
    "RegistrationView",
    "SiteView",
    "TherapyView",
    "alike",
    "area_groups",
    "bodies",
    "body_patterns",
    "chosen_areas",
    "chosen_therapies",
    "closing",
    "consortia_of",
    "consortium",
    "grounds",
    "import_page",
    "in_force",
    "in_the_way",
    "known",
    "known_as",
    "known_people",
    "life",
    "live_member",
    "newest_dbs",
    "offered",
    "own_consortium_named",
    "own_practitioner",
    "own_provider",
    "pairs",
    "part_as_typed",
    "practitioner_page",
    "practitioners",
    "profile",
    "provider_to_close",
    "registrations",
    "restricted",
    "services",
    "site",
    "sites",
    "snapshot",
    "suggested",
    "therapies_allowed_by",
    "therapy_groups",
    "unfinished",
    "visible_consortium",
]
