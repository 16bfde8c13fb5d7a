"""Looking at applications: the provider's own, and those a framework lead has to decide."""

from app.applications.queries.adding import Adding, adding, joined, wish_of
from app.applications.queries.approved import Approved, ApprovedApplication, approved
from app.applications.queries.asked import AskedView, SectionView, asked, section
from app.applications.queries.burden import statement_from
from app.applications.queries.changing import returned_card, returned_prices, returned_question
from app.applications.queries.closing import in_the_way
from app.applications.queries.files import files_wanted
from app.applications.queries.lists import ApplicationLine, applications, decisions
from app.applications.queries.reviews import ReviewLine, reviews
from app.applications.queries.rows import (
    certifying,
    led_row,
    live_application,
    own_row,
    parts_of,
    phase_in,
    phase_of,
    round_phase_of,
    state_of,
)
from app.applications.queries.whole import (
    ApplicationView,
    Earlier,
    EvidenceLine,
    Grid,
    PartView,
    application,
    decision,
    grid,
    rounds_to_carry_to,
    snapshot_of,
)

__all__ = [
    "Adding",
    "ApplicationLine",
    "ApplicationView",
    "Approved",
    "ApprovedApplication",
    "AskedView",
    "Earlier",
    "EvidenceLine",
    "Grid",
    "PartView",
    "ReviewLine",
    "SectionView",
    "adding",
    "application",
    "applications",
    "approved",
    "asked",
    "certifying",
    "decision",
    "decisions",
    "files_wanted",
    "grid",
    "in_the_way",
    "joined",
    "led_row",
    "live_application",
    "own_row",
    "parts_of",
    "phase_in",
    "phase_of",
    "returned_card",
    "returned_prices",
    "returned_question",
    "reviews",
    "round_phase_of",
    "rounds_to_carry_to",
    "section",
    "snapshot_of",
    "state_of",
    "statement_from",
    "wish_of",
]
