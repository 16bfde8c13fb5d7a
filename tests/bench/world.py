"""Data in bulk: providers that are members everywhere, briefs that invite them, their bids, and people already signed in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert
from sqlmodel import Session, SQLModel, select

from app.accounts.models import Person, SignInSession
from app.bids.models import Bid, BidReceipt, BidSnapshot
from app.bids.rules import BidState
from app.bids.sealed import BidLetter
from app.briefs.models import Brief, BriefCriterion, BriefInvitation
from app.core.crypto import canonical, digest
from app.core.database import Database
from app.core.london import london_day
from app.core.rows import new_id
from app.evidence.models import EvidenceItem, Verification
from app.frameworks.models import CallOffBody
from app.memberships.models import Membership
from app.organisations.models import Organisation, OrganisationSeat
from app.organisations.rules import OrganisationKind, Role
from app.providers.models import Practitioner, Provider
from app.settings import Settings
from app.web.session import session_cookie
from tests import factories
from tests.bench.letters import LETTER_SHA256, letter
from tests.databases import migrate

NEED = "Two siblings find it hard to feel safe at home after several moves. Both sleep badly and hide food. " * 4


@dataclass(frozen=True)
class Size:
    """Each brief invites `invited` providers, `step` places after those of the brief before; every other one has bid.

    The first `open` briefs are open for bids; the rest, closed and opened, invite only the second half of the providers.
    `drafts` more bids of open briefs are drafts.
    """

    providers: int
    briefs: int
    open: int
    invited: int
    step: int
    drafts: int


MAIN = Size(providers=200, briefs=1000, open=500, invited=20, step=20, drafts=1700)
FEW = Size(providers=10, briefs=10, open=10, invited=10, step=0, drafts=1)
MANY = Size(providers=1000, briefs=1000, open=1000, invited=10, step=0, drafts=1)


@dataclass(frozen=True)
class Member:
    provider_id: UUID
    person_id: UUID
    cookie: str
    token: str


@dataclass(frozen=True)
class World:
    """`drafts` are bids ready to be submitted, each with the member whose bid it is; `bid_on` is a brief of the first
    member's on which it has bid."""

    members: list[Member]
    buyer: str
    lead: str
    checker: str
    framework_id: UUID
    bid_on: UUID
    bid: UUID
    drafts: list[tuple[UUID, Member]]


class Filler:
    """One write of a whole world."""

    def __init__(self, session: Session, config: Settings, size: Size) -> None:
        self.session, self.config, self.size, self.now = session, config, size, datetime.now(UTC)
        lead_id = factories.organisation(session, OrganisationKind.LEAD, "Test hub")
        self.raa_id = factories.raa(session, "Test agency")
        self.lead = factories.seated(session, lead_id, Role.FRAMEWORK_LEAD).known
        self.checker = factories.seated(session, lead_id, Role.CHECKER).known
        self.checker_organisation_id = lead_id
        roles = (Role.COMMISSIONER, Role.APPROVER, Role.CHAIR, Role.ASSESSOR)
        self.buyer = factories.seated(session, self.raa_id, *roles).known
        self.framework_id, self.lots, self.regions, _ = factories.framework(session, lead_id, (self.raa_id,))
        self.call_off_id = session.exec(select(CallOffBody.id).where(CallOffBody.organisation_id == self.raa_id)).one()

    def fill(self) -> World:
        members = self.members()
        memberships = self.memberships(members)
        briefs = self.briefs()
        invited = self.invitations(briefs, members, memberships)
        bids, drafts = self.bids(invited)
        own = next(bid for bid in bids if bid["provider_id"] == members[0].provider_id)
        return World(
            members=members,
            buyer=self.sign_in(self.buyer),
            lead=self.sign_in(self.lead),
            checker=self.sign_in(self.checker),
            framework_id=self.framework_id,
            bid_on=own["brief_id"],
            bid=own["id"],
            drafts=drafts,
        )

    def put(self, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Insert the rows, each with the model's defaults, and return them."""
        whole = [table(**row).model_dump() for row in rows]
        if whole:
            self.session.connection().execute(insert(table), whole)
        return whole

    def sign_in(self, person_id: UUID, token: str = "") -> str:
        """The cookie of a session of this person, as the browser would send it."""
        token = token or uuid4().hex
        began = {"began_at": self.now, "ends_at": self.now + timedelta(hours=12)}
        self.put(SignInSession, [{"token_digest": digest(token.encode()), "person_id": person_id, **began}])
        return session_cookie(self.config, token).partition(";")[0]

    def members(self) -> list[Member]:
        pairs = [(new_id(), new_id(), f"Provider {number:05}") for number in range(self.size.providers)]
        provider = {"kind": "company", "summary": "Therapy", "terms_version": "1", "registered_at": self.now}
        person = {"name": "Olive Owner", "password_hash": "x", "created_at": self.now, "confirmed_at": self.now}
        seat = {"role": Role.OWNER, "given_at": self.now}
        therapist = {"full_name": "Tess Therapist", "profession": "Therapist", "added_at": self.now}
        organisations = ({"id": p, "kind": "provider", "name": name, "created_at": self.now} for p, _, name in pairs)
        self.put(Organisation, organisations)
        self.put(Provider, ({"id": p, **provider} for p, _, _ in pairs))
        self.put(Practitioner, ({"provider_id": p, **therapist} for p, _, _ in pairs))
        self.put(Person, ({"id": o, "email": f"{o.hex}@example.org", **person} for _, o, _ in pairs))
        self.put(OrganisationSeat, ({"person_id": o, "organisation_id": p, **seat} for p, o, _ in pairs))
        self.evidence([p for p, _, _ in pairs])
        tokens = [uuid4().hex for _ in pairs]
        return [Member(p, o, self.sign_in(o, token), token) for (p, o, _), token in zip(pairs, tokens, strict=True)]

    def evidence(self, provider_ids: list[UUID]) -> None:
        """Every provider's insurance, verified and in date."""
        day = self.now.date()
        dates = {"starts_on": day - timedelta(days=90), "expires_on": day + timedelta(days=270)}
        added = {"added_at": self.now, "added_by": self.checker, "submitted_at": self.now}
        item = {"kind_slug": factories.INSURANCE, "issuer": "Example Insurance", "reference": "PL-1", **dates, **added}
        checked = {"checker_id": self.checker, "checker_organisation_id": self.checker_organisation_id, "at": self.now}
        items = self.put(EvidenceItem, ({"provider_id": p, **item} for p in provider_ids))
        self.put(Verification, ({"item_id": i["id"], "outcome": "verified", **checked} for i in items))

    def memberships(self, members: list[Member]) -> dict[tuple[UUID, UUID, UUID], UUID]:
        opened, signed = self.now - timedelta(days=80), self.now - timedelta(days=79)
        made = self.put(
            Membership,
            (
                {
                    "provider_id": m.provider_id,
                    "framework_id": self.framework_id,
                    "lot_id": lot,
                    "region_id": region,
                    "opened_at": opened,
                    "opened_by": self.lead,
                    "signed_at": signed,
                    "signed_by": m.person_id,
                }
                for m in members
                for lot in self.lots
                for region in self.regions
            ),
        )
        return {(row["provider_id"], row["lot_id"], row["region_id"]): row["id"] for row in made}

    def briefs(self) -> list[dict[str, Any]]:
        rows = self.put(Brief, (self.brief(number) for number in range(self.size.briefs)))
        criteria = (("Approach", False, 50), ("Experience", False, 20), ("Price", True, 30))
        self.put(
            BriefCriterion,
            (
                {"brief_id": row["id"], "position": place, "name": name, "is_price": price, "weight": weight}
                for row in rows
                for place, (name, price, weight) in enumerate(criteria, start=1)
            ),
        )
        return rows

    def brief(self, number: int) -> dict[str, Any]:
        is_open = number < self.size.open
        closes = self.now + (timedelta(days=10) if is_open else timedelta(days=-30)) + timedelta(minutes=number)
        return {
            "reference": f"B-{uuid4().hex[:12].upper()}",
            "framework_id": self.framework_id,
            "lot_id": self.lots[number % 2],
            "region_id": self.regions[number // 2 % 2],
            "raa_id": self.raa_id,
            "call_off_id": self.call_off_id,
            "title": f"Therapy for two siblings, {number}",
            "need": NEED,
            "outcomes": "They feel safer and sleep better.",
            "age_band": "5 to 8",
            "area": "North",
            "sessions": 20,
            "start_by": closes.date() + timedelta(days=40),
            "budget_pence": 300_000,
            "created_at": closes - timedelta(days=32),
            "created_by": self.buyer,
            "published_at": closes - timedelta(days=31),
            "published_by": self.lead,
            "closes_at": closes,
            "opened_at": None if is_open else closes + timedelta(minutes=2),
        }

    def invitations(
        self, briefs: list[dict[str, Any]], members: list[Member], memberships: dict[tuple[UUID, UUID, UUID], UUID]
    ) -> list[tuple[dict[str, Any], Member, bool]]:
        """Each brief with each member it invites and whether that member has bid."""
        older = members[len(members) // 2 :]
        invited = [
            (brief, among[(number * self.size.step + place) % len(among)], (number // 10 + place) % 2 == 0)
            for number, brief in enumerate(briefs)
            for among in [older if brief["opened_at"] else members]
            for place in range(min(self.size.invited, len(among)))
        ]
        self.put(
            BriefInvitation,
            (
                {
                    "brief_id": brief["id"],
                    "provider_id": member.provider_id,
                    "membership_id": memberships[member.provider_id, brief["lot_id"], brief["region_id"]],
                    "invited_at": brief["published_at"],
                    "why": "Member of this lot in this region",
                }
                for brief, member, _ in invited
            ),
        )
        return invited

    def bids(
        self, invited: list[tuple[dict[str, Any], Member, bool]]
    ) -> tuple[list[dict[str, Any]], list[tuple[UUID, Member]]]:
        """The submitted bids with their receipts, and the drafts."""
        sent = [(brief, member) for brief, member, has_bid in invited if has_bid]
        made = self.put(Bid, (self.bid(brief, member, submitted=True) for brief, member in sent))
        self.put(BidReceipt, (self.receipt(bid) for bid in made))
        self.letters(made, sent, submitted=True)
        waiting = [(brief, member) for brief, member, has_bid in invited if not has_bid and brief["opened_at"] is None]
        chosen = waiting[:: max(1, len(waiting) // self.size.drafts)][: self.size.drafts] if self.size.drafts else []
        drafts = self.put(Bid, (self.bid(brief, member, submitted=False) for brief, member in chosen))
        self.letters(drafts, chosen, submitted=False)
        self.snapshots({bid["provider_id"] for bid in drafts})
        return made, [(bid["id"], member) for bid, (_, member) in zip(drafts, chosen, strict=True)]

    def snapshots(self, provider_ids: Iterable[UUID]) -> None:
        """What is shared of a bidder, as the saving of a draft has kept it."""
        kept = {"shared_on": london_day(self.now), "position": 0, "content": {}, "sha256": digest(canonical({}))}
        self.put(BidSnapshot, ({"provider_id": provider_id, **kept} for provider_id in provider_ids))

    def letters(self, bids: list[dict[str, Any]], of: list[tuple[dict[str, Any], Member]], *, submitted: bool) -> None:
        self.put(
            BidLetter,
            (
                letter(
                    bid["id"],
                    submitted=submitted,
                    opened=submitted and brief["opened_at"] is not None,
                    token=member.token,
                    secret=self.config.secret_key,
                )
                for bid, (brief, member) in zip(bids, of, strict=True)
            ),
        )

    def bid(self, brief: dict[str, Any], member: Member, *, submitted: bool) -> dict[str, Any]:
        started = brief["published_at"] + timedelta(days=2)
        return {
            "brief_id": brief["id"],
            "provider_id": member.provider_id,
            "state": BidState.SUBMITTED if submitted else BidState.DRAFT,
            "started_at": started,
            "started_by": member.person_id,
            "submitted_at": started if submitted else None,
        }

    def receipt(self, bid: dict[str, Any]) -> dict[str, Any]:
        return {
            "bid_id": bid["id"],
            "reference": uuid4().hex[:24].upper(),
            "received_at": bid["submitted_at"],
            "brief_version": 1,
            "content_sha256": LETTER_SHA256,
            "submitted_by": bid["started_by"],
        }


def prepared(url: str, config: Settings, size: Size) -> World:
    """A migrated database with the data in it. PostgreSQL's planner is told of them, as it would come to know of itself;
    SQLite's is not, as nobody tells it in a deployment."""
    migrate(url)
    database = Database(url)
    world = fill(database, config, size)
    if database.engine.dialect.name == "postgresql":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    database.close()
    return world


def fill(database: Database, config: Settings, size: Size) -> World:
    with database.write() as session:
        return Filler(session, config, size).fill()
