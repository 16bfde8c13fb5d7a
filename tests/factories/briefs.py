"""Briefs of a world's agency: published, amended, opened, cancelled."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlmodel import Session, col, select

from app.accounts.models import Person
from app.awards.models import OpeningApproval, PriceApproval, QualityAssessed
from app.awards.two_people import ApprovalByTwo
from app.briefs import commands as briefs
from app.briefs import reference
from app.briefs.amending.commands import propose_amendment, publish_amendment
from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind as Change
from app.briefs.cancelling.commands import agree_cancellation, ask_cancellation
from app.briefs.inviting.models import MatchReport
from app.briefs.models import Brief, BriefCriterion, BriefInvitation
from app.briefs.referral.models import ReferralDocument
from app.briefs.referral.rules import Content
from app.core.actor import Actor
from app.core.blobs import Blob, remember
from app.evidence.rules import ScanState
from app.frameworks.models import CallOffBody
from app.memberships.models import Membership
from tests import NOON
from tests.factories.worlds import World, world
from tests.sealing import brief_key


def referral(session: Session, made: World, brief_id: UUID, blob: Blob) -> UUID:
    """A document of a brief's full referral, in which no virus was found, whatever stage the brief is at."""
    remember(session, blob)
    row = ReferralDocument(
        brief_id=brief_id,
        number=1,
        content=Content.REFERRAL,
        blob_key=blob.key,
        sha256=blob.sha256,
        size=blob.size,
        media_type="application/pdf",
        attached_at=NOON - timedelta(days=4),
        attached_by=made.commissioner.known,
        scan_state=ScanState.CLEAN,
    )
    session.add(row)
    session.flush()
    return row.id


def brief(
    session: Session,
    made: World,
    *,
    published_at: datetime | None = NOON - timedelta(days=3),
    closes_at: datetime = NOON + timedelta(days=10),
    invite: tuple[UUID, ...] | None = None,
    two_envelopes: bool = False,
) -> UUID:
    """A brief of the world's agency in its first lot and region; published ones invite both providers."""
    row = Brief(
        reference=f"B-{uuid4().hex[:8].upper()}",
        framework_id=made.framework_id,
        lot_id=made.lots[0],
        region_id=made.regions[0],
        raa_id=made.raa_id,
        call_off_id=session.exec(
            select(CallOffBody.id).where(
                CallOffBody.framework_id == made.framework_id, CallOffBody.organisation_id == made.raa_id
            )
        ).one(),
        title="Therapy for two siblings",
        need="Two siblings find it hard to feel safe at home after several moves.",
        outcomes="They feel safer and sleep better.",
        age_band="5 to 8",
        area="North",
        sessions=20,
        start_by=date(2027, 1, 31),
        budget_pence=300_000,
        route="mini_competition",
        funding=["authority"],
        two_envelopes=two_envelopes,
        created_at=NOON - timedelta(days=4),
        created_by=made.commissioner.known,
        published_at=published_at,
        published_by=made.approver.known if published_at else None,
        closes_at=closes_at,
    )
    session.add(row)
    session.flush()
    for position, (name, price, weight) in enumerate(
        (("Approach", False, 50), ("Experience", False, 20), ("Price", True, 30)), start=1
    ):
        session.add(BriefCriterion(brief_id=row.id, position=position, name=name, is_price=price, weight=weight))
    if published_at:
        for provider_id in (made.provider_a, made.provider_b) if invite is None else invite:
            session.add(
                BriefInvitation(
                    brief_id=row.id,
                    provider_id=provider_id,
                    membership_id=_membership_of(session, provider_id, row.lot_id, row.region_id),
                    invited_at=published_at,
                    why="Member of this lot in this region",
                )
            )
        session.add(MatchReport(brief_id=row.id, made_at=published_at, limit_pence=3_000_000, sha256="0" * 64))
    session.flush()
    brief_key(session, row.id)
    return row.id


def opened(session: Session, brief_id: UUID, at: datetime, *, prices_at: datetime | None = None) -> Brief:
    """A brief that only says that its bids are open, and maybe its prices: approved by two, though no letter is opened."""
    row = session.get_one(Brief, brief_id)
    two_approve(session, brief_id, at)
    row.opened_at = at
    if prices_at:
        two_approve(session, brief_id, prices_at, prices=True)
        row.prices_opened_at = prices_at
    return row


def mark_opened(session: Session, brief: Brief, at: datetime) -> None:
    """By its rules, and approved by two, though no letter is opened."""
    two_approve(session, brief.id, at)
    briefs.mark_opened(session, brief, at)


def two_approve(session: Session, brief_id: UUID, at: datetime, *, prices: bool = False) -> None:
    """Two people as rows, which no keyholder has seen."""
    kind: type[ApprovalByTwo] = OpeningApproval
    two = session.exec(select(Person.id).order_by(col(Person.id)).limit(2)).all()
    if prices:
        kind = PriceApproval
        session.add(QualityAssessed(brief_id=brief_id, at=at, by=two[0], sha256="", witness=""))
        session.flush()
    for place, who in enumerate(two, start=1):
        session.add(kind(brief_id=brief_id, person_id=who, position=place, at=at, witness=""))
    session.flush()


def cancelled(session: Session, made: World, brief_id: UUID, who: Actor, reason: str) -> None:
    """Asked for by this person, and agreed by the approver."""
    ask_cancellation(session, who, brief_id, reason)
    agree_cancellation(session, made.approver, brief_id)


def amendment(session: Session, made: World, brief_id: UUID, kind: Change = Change.MINOR, **changed: Any) -> UUID:
    """A change of an open brief that waits for an approver: other words for the need, unless something else is given."""
    terms = replace(terms_of(session.get_one(Brief, brief_id)), **(changed or {"need": "Two siblings cannot sleep."}))
    why = "We have learnt more from the school."
    return propose_amendment(session, made.commissioner, brief_id, kind, terms, why)


def amended(session: Session, made: World, brief_id: UUID, kind: Change = Change.MATERIAL, **changed: Any) -> None:
    """The same, published."""
    publish_amendment(session, made.approver, brief_id, amendment(session, made, brief_id, kind, **changed))


def _membership_of(session: Session, provider_id: UUID, lot_id: UUID, region_id: UUID) -> UUID:
    return session.exec(
        select(Membership.id).where(
            Membership.provider_id == provider_id,
            Membership.lot_id == lot_id,
            Membership.region_id == region_id,
        )
    ).one()


def world_and_limits(session: Session) -> World:
    """A world, and the limits of the fund as they are published."""
    reference.load(session)
    return world(session)
