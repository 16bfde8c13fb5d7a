"""A whole market, written by PostgreSQL itself: providers, their people and evidence, frameworks and memberships.

It has one shape at any size: ten memberships and about fifty items of evidence a provider, of which some are lapsed, renewed,
returned or waiting. Only how many there are of everything differs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from app.accounts.models import SignInSession
from app.core.crypto import digest
from app.core.database import Database
from app.evidence.models import EvidenceItem
from app.frameworks.models import Framework, Lot, Region
from app.memberships.models import Membership
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner, Provider, Therapy
from app.settings import Settings
from app.web.session import session_cookie
from tests import factories

LOTS, REGIONS = 5, 4
ASKED: Final = (*(f"of_provider_{number}" for number in range(4)), "of_person_0")
FLOOR: Final = {"kind": "of_provider_9", "floor": "good", "where_held": True}


@dataclass(frozen=True)
class Size:
    """How many providers, dealt out to how many frameworks."""

    name: str
    providers: int
    frameworks: int


@dataclass(frozen=True)
class Market:
    """Who looks, as cookies, and at what: the first framework, one lot and region of it, and its members, some of them."""

    size: Size
    cookies: dict[str, str]
    framework_id: UUID
    lot_id: UUID
    region_id: UUID
    raa_id: UUID
    membership_id: UUID
    sample: tuple[UUID, ...]
    counts: str


def fill(database: Database, config: Settings, size: Size) -> Market:
    """Write it all, and tell the planner."""
    with database.write() as session:
        market = _Filler(session, config, size).fill()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
    return market


class _Filler:
    def __init__(self, session: Session, config: Settings, size: Size) -> None:
        self.session, self.config, self.size, self.now = session, config, size, datetime.now(UTC)

    def fill(self) -> Market:
        lead_id = factories.organisation(self.session, OrganisationKind.LEAD, "Test hub")
        lead = factories.seated(self.session, lead_id, Role.FRAMEWORK_LEAD, name="Leo Lead").known
        checker = factories.seated(self.session, lead_id, Role.CHECKER, name="Cara Checker").known
        second = factories.seated(self.session, lead_id, Role.CHECKER, name="Carl Checker").known
        raa_id = factories.raa(self.session, "Test agency")
        buyer = factories.seated(self.session, raa_id, Role.COMMISSIONER, Role.APPROVER, name="Colin").known
        for number in range(10):
            factories.evidence_kind(self.session, f"of_provider_{number}")
        for number in range(7):
            factories.evidence_kind(self.session, f"of_person_{number}", holder="practitioner")
        first, *_ = [self._framework(lead_id, raa_id, number) for number in range(self.size.frameworks)]
        play = Therapy(slug="play", name="Play", family="Test", services="", source="test", confidence="verified")
        self.session.add(play)
        self.session.flush()
        day = self.now.date()
        values = {
            "providers": self.size.providers,
            "frameworks": self.size.frameworks,
            "now": self.now,
            "then": self.now - timedelta(days=80),
            "yesterday": day - timedelta(days=1),
            "began": day - timedelta(days=200),
            "soon": day + timedelta(days=30),
            "later": day + timedelta(days=165),
            "lead": lead,
            "checker": checker,
            "second": second,
            "hub": lead_id,
        }
        connection = self.session.connection()
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign key, no trigger is run
        for statement in _WRITE:
            connection.execute(text(statement), values)
        people = {"lead": lead, "checker": checker, "buyer": buyer}
        return self._market(first, raa_id, people)

    def _framework(self, lead_id: UUID, raa_id: UUID, number: int) -> UUID:
        """One of five lots and four regions, of a lead of its own but for the first.

        Each lot asks for four documents of a provider and for one of a person, and has a floor for a rating.
        """
        if number:
            lead_id = factories.organisation(self.session, OrganisationKind.LEAD, f"Hub {number}")
        framework_id, lots, regions, _ = factories.framework(self.session, lead_id, () if number else (raa_id,))
        self.session.get_one(Framework, framework_id).name = f"Framework {number:02}"
        service = {"service": "therapeutic_intervention", "description": "A test lot"}
        price = {"price_unit": "session", "ceiling_pence": 15_000}
        self.session.add_all(
            Lot(framework_id=framework_id, number=one, name=f"Service {one}", **service, **price)
            for one in range(len(lots) + 1, LOTS + 1)
        )
        self.session.add_all(
            Region(framework_id=framework_id, name=f"Region {one}") for one in range(len(regions), REGIONS)
        )
        self.session.flush()
        for lot in self.session.exec(select(Lot).where(Lot.framework_id == framework_id)):
            factories.requirement(self.session, lot.id, {"all_of": [*ASKED, FLOOR]})
        return framework_id

    def _market(self, framework_id: UUID, raa_id: UUID, people: dict[str, UUID]) -> Market:
        lot_id, region_id = self.session.exec(
            select(Lot.id, Region.id)
            .join(Region, col(Region.framework_id) == Lot.framework_id)
            .where(Lot.framework_id == framework_id)
            .order_by(col(Lot.number), Region.name)
        ).first() or (framework_id, framework_id)
        here = select(Membership.id, Membership.provider_id).where(
            Membership.lot_id == lot_id, Membership.region_id == region_id, col(Membership.ended_at).is_(None)
        )
        members = self.session.exec(here.order_by(col(Membership.id)).limit(40)).all()
        people["owner"] = members[0][1]
        counted = (
            (Provider, "providers"),
            (Practitioner, "people"),
            (Membership, "memberships"),
            (EvidenceItem, "items"),
        )
        counts = [
            f"{self.session.exec(select(func.count()).select_from(table)).one():,} {words}" for table, words in counted
        ]
        return Market(
            size=self.size,
            cookies={who: self._sign_in(person_id) for who, person_id in people.items()},
            framework_id=framework_id,
            lot_id=lot_id,
            region_id=region_id,
            raa_id=raa_id,
            membership_id=members[0][0],
            sample=tuple(provider_id for _, provider_id in members),
            counts=", ".join(counts),
        )

    def _sign_in(self, person_id: UUID) -> str:
        token = uuid4().hex
        began = {"began_at": self.now, "ends_at": self.now + timedelta(hours=12)}
        self.session.add(SignInSession(token_digest=digest(token.encode()), person_id=person_id, **began))
        return session_cookie(self.config, token).partition(";")[0]


_NUMBERED: Final = (
    "(SELECT id, row_number() OVER (ORDER BY name, id) - 1 AS number FROM organisation WHERE kind = 'provider')"
)

# In this order. Its owner has the provider's id. An item's reference says what became of it.
_WRITE: Final = (
    """
    INSERT INTO organisation (id, kind, name, created_at)
    SELECT uuidv7(), 'provider', 'Provider ' || to_char(n, 'FM00000'), :then FROM generate_series(1, :providers) n
    """,
    """
    INSERT INTO provider (id, kind, summary, telephone, website, registered_at, terms_version)
    SELECT id, 'company', 'Therapy', '', '', :then, '1' FROM organisation WHERE kind = 'provider'
    """,
    """
    INSERT INTO person (id, email, name, password_hash, created_at, confirmed_at, demonstration_note)
    SELECT id, id || '@example.org', 'Olive Owner', 'x', :then, :then, '' FROM provider
    """,
    """
    INSERT INTO organisation_seat (id, person_id, organisation_id, role, given_at)
    SELECT uuidv7(), id, id, 'owner', :then FROM provider
    """,
    """
    INSERT INTO practitioner (id, provider_id, full_name, profession, added_at)
    SELECT uuidv7(), id, 'Therapist ' || n, 'Therapist', :then FROM provider, generate_series(1, 5) n
    """,
    "INSERT INTO provider_therapy (provider_id, therapy_slug) SELECT id, 'play' FROM provider",
    f"""
    INSERT INTO membership (id, provider_id, framework_id, lot_id, region_id, opened_at, opened_by,
                            signed_at, signed_by, signed_sha256, paused_at, paused_until, ended_at, ended_reason)
    SELECT uuidv7(), p.id, f.id, l.id, r.id, :then, :lead,
           CASE WHEN p.number % 40 = 7 THEN NULL ELSE CAST(:then AS timestamptz) END,
           CASE WHEN p.number % 40 = 7 THEN NULL ELSE p.id END, '',
           CASE WHEN p.number % 50 = 9 THEN CAST(:then AS timestamptz) END,
           CASE WHEN p.number % 50 = 9 THEN CAST(:soon AS date) END,
           CASE WHEN p.number % 60 = 11 THEN CAST(:now AS timestamptz) END,
           CASE WHEN p.number % 60 = 11 THEN 'The provider left' ELSE '' END
    FROM {_NUMBERED} p
    JOIN (SELECT id, row_number() OVER (ORDER BY name) - 1 AS number FROM framework) f
      ON f.number = p.number % :frameworks
    JOIN lot l ON l.framework_id = f.id
    JOIN (SELECT id, framework_id, row_number() OVER (PARTITION BY framework_id ORDER BY name) AS number FROM region) r
      ON r.framework_id = f.id AND (r.number + p.number / :frameworks) % 4 < 2
    ORDER BY p.number
    """,
    """
    INSERT INTO capacity (id, membership_id, therapy_slug, places, waiting_weeks, as_of, said_by)
    SELECT uuidv7(), id, 'play', 3, 6, :now, provider_id FROM membership
    """,
    """
    INSERT INTO evidence_item (id, provider_id, practitioner_id, kind_slug, issuer, reference, starts_on, expires_on,
                               answer, rating, confidential_reason, added_at, added_by, submitted_at, decided)
    SELECT uuidv7(), provider_id, practitioner_id, kind, 'Example', became, :began,
           CASE became WHEN 'lapsed' THEN CAST(:yesterday AS date) WHEN 'soon' THEN CAST(:soon AS date)
                       ELSE CAST(:later AS date) END,
           CASE WHEN kind = 'of_provider_9' AND place % 20 = 0 THEN 'registered' END,
           CASE WHEN kind = 'of_provider_9' AND place % 20 = 0
                THEN CASE WHEN place % 600 = 0 THEN 'requires_improvement' ELSE 'good' END END, '', :then, provider_id,
           CASE WHEN became <> 'draft' THEN CAST(:then AS timestamptz) END, became NOT IN ('waits', 'draft')
    FROM (
        SELECT *, CASE WHEN place % 200 = 0 THEN 'waits' WHEN place % 100 = 1 THEN 'draft' WHEN place % 100 = 2 THEN 'returned'
                       WHEN place % 100 < 6 THEN 'lapsed' WHEN place % 100 < 11 THEN 'soon'
                       WHEN place % 100 < 22 THEN 'renewed' ELSE 'sound' END AS became
        FROM (
            SELECT *, row_number() OVER (ORDER BY provider_id, kind, practitioner_id) * 37 AS place FROM (
                SELECT id AS provider_id, CAST(NULL AS uuid) AS practitioner_id, 'of_provider_' || n AS kind
                FROM provider, generate_series(0, 9) n
                UNION ALL
                SELECT provider_id, id, 'of_person_' || n FROM practitioner, generate_series(0, 6) n
            ) wanted
        ) placed
    ) told
    """,
    """
    INSERT INTO evidence_item (id, provider_id, practitioner_id, kind_slug, issuer, reference, starts_on, expires_on,
                               confidential_reason, added_at, added_by, submitted_at, decided,
                               replaced_by_id)
    SELECT uuidv7(), provider_id, practitioner_id, kind_slug, issuer, 'older', NULL, :yesterday, '', :then, added_by, :then,
           true, id
    FROM evidence_item WHERE reference = 'renewed'
    """,
    """
    INSERT INTO verification (id, item_id, checker_id, checker_organisation_id, outcome, reason_code, fix, how, at,
                              checklist, second_look)
    SELECT uuidv7(), id, :checker, :hub, CASE reference WHEN 'returned' THEN 'returned' ELSE 'verified' END,
           CASE reference WHEN 'returned' THEN 'unreadable' ELSE '' END,
           CASE reference WHEN 'returned' THEN 'Scan it again' ELSE '' END, '', :then, '{}',
           reference = 'soon' AND kind_slug = 'of_person_6'
    FROM evidence_item WHERE reference NOT IN ('waits', 'draft')
    """,
    """
    INSERT INTO second_look (id, item_id, first_checker_id, first_organisation_id, first_at, first_how, first_checklist,
                             first_replaced, checker_id, checker_organisation_id, agrees, words, at)
    SELECT uuidv7(), item_id, checker_id, :hub, at, '', '{}', '[]', :second, :hub, true, '', :now
    FROM verification JOIN evidence_item ON evidence_item.id = item_id
    WHERE reference = 'soon' AND kind_slug <> 'of_person_6'
    """,
)
