"""What waits for the people of a provider: evidence, agreements, opportunities, drafts and letters."""

from collections.abc import Set as Ids
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import exists
from sqlmodel import Session, and_, col, or_, select

from app.applications.models import Application, ReturnedItem
from app.applications.queries.returned import to_change, to_finish
from app.awards.policy import letter_readers
from app.awards.queries.letters import own_letters
from app.bids.models import Bid
from app.bids.partners import engaged, partner_gone, partner_waits
from app.bids.queries.row import unconfirmed
from app.bids.rules import BidState
from app.briefs.models import Brief, BriefInvitation
from app.briefs.queries import in_phase, opportunities
from app.briefs.rules import Phase
from app.core.actor import Actor
from app.core.london import london_day
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries import registered_whole, uploaded
from app.evidence.rules import EXPIRES_SOON, Outcome
from app.frameworks.models import Framework, Round
from app.home.queries.asked import waiting_for
from app.home.queries.section import Figure, Part, Section
from app.home.rules import Todo, next_of_bid
from app.memberships.queries import Member, memberships
from app.memberships.rules import ANEW, State
from app.organisations.models import Organisation
from app.organisations.policy import provider_ids

RECENT: Final = timedelta(days=30)
MOST: Final = 12
ELSEWHERE: Final = ("evidence_awaiting_check", "evidence_returned", "provider_restricted")  # told with its own link


def part(session: Session, actor: Actor, now: datetime) -> Part:
    members = [member for member in memberships(session, actor, now) if not member.ended]
    asked, lapsing = waiting_for(session, actor, now)
    evidence = _evidence(session, actor, now)
    fit = [*_unusable(members), *evidence, *lapsing]
    ending = [*(todo for todo in evidence if todo.on), *lapsing]
    restricted = {one.provider_id for one in members if any(why.code == "provider_restricted" for why in one.reasons)}
    bids = _bids(session, actor, now, restricted) if members else []
    work = [*bids, *_applications(session, actor, now)]
    offered = _opportunities(session, actor, now, restricted) if members else []
    news = _letters(session, actor, now)
    figures = (
        Figure(len(_blocking(members)), "to put right before you can be invited or win", "/memberships"),
        Figure(
            len(ending), "reminders of what has ended or ends soon", f"/providers/{min(provider_ids(actor))}/expiries"
        ),
        Figure(len(offered), "open to you and not answered yet", "/opportunities"),
        Figure(sum(todo.href.startswith("/bids/") for todo in work), "of your bids to submit or confirm", "/bids"),
        Figure(len(news), "outcome letters in the last 30 days", "/letters"),
    )
    steps = () if members else tuple(_first_steps(session, actor, now))
    return figures, (
        *([Section("First steps", steps, "", "/frameworks", "All frameworks")] if steps else []),
        *([Section("Asked of you", tuple(asked), "", "/account", "Your organisations")] if asked else []),
        Section("Bids and applications to finish", tuple(work), "Nothing is half-done.", "/bids", "All your bids"),
        Section(
            "Evidence and agreements",
            tuple(dict.fromkeys(fit)),
            _nothing_to_mend(members),
            "/memberships",
            "All your memberships",
        ),
        Section(
            "Open briefs to answer",
            tuple(offered[:MOST]),
            "No open brief waits for your answer. You get an e-mail when you are invited to one.",
            "/opportunities",
            "All opportunities",
        ),
        Section(
            "Letters",
            tuple(news[:MOST]),
            "No letter in the last 30 days.",
            "/letters",
            "All letters",
        ),
    )


def _nothing_to_mend(members: list[Member]) -> str:
    """What is said where nothing waits for the provider itself: a membership may still wait for others."""
    waiting = sum(member.state is not State.ACTIVE for member in members)
    if waiting:
        still = "membership is" if waiting == 1 else "memberships are"
        return f"Nothing here waits for you, but {waiting} {still} not active yet."
    return "Nothing is missing, returned or about to lapse." if members else "Nothing is returned or about to lapse."


def _first_steps(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """For those who are members nowhere yet: what an application will ask, and where one may be made."""
    known, steps = sorted(provider_ids(actor)), list[Todo]()
    applied = select(Application.id).where(col(Application.provider_id).in_(known)).limit(1)
    has_applied = session.exec(applied).first() is not None
    if not registered_whole(session, known[0], london_day(now)):
        words = "Finish your registration: what you offer and where, who works with you, and your documents"
        about = "Each document is checked once, and every agency relies on it"
        steps.append(Todo(words, about, f"/providers/{known[0]}/tasks"))
    if not has_applied:
        words = "Choose a framework and apply to its lots and regions"
        steps.append(Todo(words, "Members are invited to every brief of their lots and regions", "/frameworks"))
    return steps


def _unusable(members: list[Member]) -> list[Todo]:
    """What keeps a live membership from being used, each reason once a provider; agreements once a framework."""
    found: dict[tuple[UUID, str], Todo] = {}
    for member in members:
        for reason in member.reasons:
            if reason.code == "not_signed":
                words, about, href = "Read and sign the agreement", member.framework_name, reason.fix
            elif reason.fix and reason.code.removesuffix(ANEW) not in ELSEWHERE:
                words, about, href = reason.words, member.provider_name, reason.fix
            else:
                continue
            todo = Todo(words, about, href[0] if href else "/memberships")
            found.setdefault((member.provider_id, f"{words} {about}"), todo)
    return list(found.values())


def _blocking(members: list[Member]) -> set[tuple[UUID, str]]:
    """What stands in the way of a membership and is the provider's to mend, each once a provider; agreements once a framework."""
    others = ("evidence_awaiting_check", "provider_restricted")
    return {
        (member.framework_id if reason.code == "not_signed" else member.provider_id, reason.words)
        for member in members
        for reason in member.reasons
        if reason.code == "not_signed" or (reason.fix and reason.code.removesuffix(ANEW) not in others)
    }


def _evidence(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """What a checker returned or refused, what is uploaded and not sent, certificates in whose place a new one is needed, and
    what lapses within sixty days.
    """
    today = london_day(now)
    soon = and_(
        col(Verification.outcome) == Outcome.VERIFIED,
        col(EvidenceItem.expires_on) >= today,
        col(EvidenceItem.expires_on) <= today + EXPIRES_SOON,
    )
    rows = session.exec(
        select(EvidenceItem, Verification.outcome, EvidenceKind.name, Organisation.name)
        .outerjoin(Verification, col(Verification.item_id) == EvidenceItem.id)
        .join(EvidenceKind, col(EvidenceKind.slug) == EvidenceItem.kind_slug)
        .join(Organisation, col(Organisation.id) == EvidenceItem.provider_id)
        .where(
            col(EvidenceItem.provider_id).in_(provider_ids(actor)),
            col(EvidenceItem.replaced_by_id).is_(None),
            or_(
                col(Verification.outcome).in_((Outcome.RETURNED, Outcome.REFUSED)),
                col(EvidenceItem.submitted_at).is_(None) & uploaded(),
                col(EvidenceItem.needs_new_at).is_not(None),
                soon,
            ),
        )
        .order_by(Verification.outcome, col(EvidenceItem.expires_on), col(Verification.at))
        .limit(2 * MOST)
    )
    return [_todo(item, outcome, kind, provider) for item, outcome, kind, provider in rows]


def _todo(item: EvidenceItem, outcome: str | None, kind: str, provider: str) -> Todo:
    if outcome == Outcome.RETURNED:
        return Todo(f"{kind} was returned: put it right", provider, f"/evidence/{item.id}")
    if outcome == Outcome.REFUSED:
        return Todo(f"{kind} was refused: see why", provider, f"/evidence/{item.id}")
    if item.submitted_at is None:
        return Todo(f"{kind} is uploaded but not sent: send it for checking", provider, f"/evidence/{item.id}")
    if item.needs_new_at:
        return Todo(f"{kind} no longer counts: supply the new certificate", provider, f"/evidence/{item.id}")
    soon, href = f"{kind} lapses soon: supply the new one", f"/providers/{item.provider_id}/evidence"
    return Todo(soon, provider, href, on=item.expires_on)


def _bids(session: Session, actor: Actor, now: datetime, restricted: Ids[UUID]) -> list[Todo]:
    """Those to finish, and those to confirm after a material change.

    Of providers that may bid: a restricted one is told so elsewhere on the page, and finishes nothing meanwhile.
    """
    rows = session.execute(
        select(Bid.id, Brief.reference, Brief.title, Brief.closes_at)
        .add_columns(col(Bid.state), partner_gone(), partner_waits())
        .join(Brief, col(Brief.id) == Bid.brief_id)
        .where(
            col(Bid.provider_id).in_(provider_ids(actor) - restricted),
            or_(
                and_(col(Bid.state) == BidState.DRAFT, ~engaged(col(Bid.provider_id), col(Bid.brief_id))), unconfirmed()
            ),
            in_phase(Phase.OPEN, now),
        )
        .order_by(col(Brief.closes_at))
        .limit(MOST)
    )
    return [
        Todo(
            next_of_bid(BidState(state), gone=gone, waits=waits), f"{reference}: {title}", f"/bids/{bid_id}", closes_at
        )
        for bid_id, reference, title, closes_at, state, gone, waits in rows
    ]


def _applications(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    """Those to finish, and what of a submitted one its owner is asked to change; in one query."""
    rows = session.exec(
        select(Application.id, Framework.name, Round.closes_at, ReturnedItem.id)
        .join(Round, col(Round.id) == Application.round_id)
        .join(Framework, col(Framework.id) == Round.framework_id)
        .outerjoin(
            ReturnedItem,
            (col(ReturnedItem.application_id) == Application.id) & col(ReturnedItem.made_at).is_(None),
        )
        .where(
            col(Application.provider_id).in_(provider_ids(actor)),
            col(Application.withdrawn_at).is_(None),
            to_finish(now) | to_change(actor),
        )
        .order_by(col(Round.closes_at))
        .limit(MOST)
    )
    return [
        Todo(
            "Make the change asked for in your application", framework, f"/applications/{application_id}/changes/{one}"
        )
        if one
        else Todo("Finish and submit your application", framework, f"/applications/{application_id}", closes_at)
        for application_id, framework, closes_at, one in rows
    ]


def _opportunities(session: Session, actor: Actor, now: datetime, restricted: Ids[UUID]) -> list[Todo]:
    """Open briefs that a provider of theirs has neither begun a bid for nor declined, and is no partner in a bid for.

    Those that close soonest come first.
    """
    begun = exists().where(
        col(Bid.brief_id) == BriefInvitation.brief_id, col(Bid.provider_id) == BriefInvitation.provider_id
    )
    partner = engaged(col(BriefInvitation.provider_id), col(BriefInvitation.brief_id))
    unanswered = and_(
        col(BriefInvitation.provider_id).not_in(restricted),
        col(BriefInvitation.declined_at).is_(None),
        ~begun,
        ~partner,
    )
    return [
        Todo(
            f"{line.reference}: {line.title}",
            f"{line.raa_name}, {line.lot}",
            f"/opportunities/{line.id}",
            line.closes_at,
        )
        for line in opportunities(session, actor, now, which=unanswered)
        if line.phase is Phase.OPEN
    ]


def _letters(session: Session, actor: Actor, now: datetime) -> list[Todo]:
    if not letter_readers(actor):
        return []
    return [
        Todo(
            "Read your outcome letter", f"{letter.content['brief']}: {letter.content['title']}", f"/letters/{letter.id}"
        )
        for letter in own_letters(session, actor)
        if letter.sent_at > now - RECENT
    ]
