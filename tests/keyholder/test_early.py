"""Bar S4: no deadline moves, nothing opens, nothing is won but by the right people and in the record; early by nobody."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.awards.commands.award import approve_award, propose_award, reject_award
from app.awards.commands.out_of_order import break_glass
from app.awards.models import Award, OpeningApproval
from app.bids.closing.commands import agree_early_close, ask_early_close
from app.bids.sealed import BidLetter
from app.briefs.amending.commands import propose_amendment, publish_amendment
from app.briefs.amending.queries import terms_of
from app.briefs.amending.rules import Kind
from app.briefs.models import Brief
from app.core import audit
from app.core.actor import Actor
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations.rules import OrganisationKind, Role
from app.sealing.models import SealingKey
from tests import NOON, factories
from tests.awards.stage import CLOSES, DRAIN, LETTERS, SECRET
from tests.conftest import ClientFor
from tests.keyholder.conftest import Held

READY, MOMENT, EARLY = CLOSES + DRAIN, timedelta(milliseconds=1), NOON + timedelta(hours=1)
WORDS: Final = [words for one in LETTERS.values() for words in (one.approach, one.experience)]
REASON: Final = "A decision of the panel that waits for nobody."
pytestmark = [pytest.mark.bar("S4"), pytest.mark.invariant(1)]


def _people(on: Held) -> dict[str, Actor]:
    made = on.made
    with on.db.write() as session:
        platform = factories.organisation(session, OrganisationKind.PLATFORM, "Test platform")
        administrator = factories.seated(session, platform, Role.ADMINISTRATOR, Role.AUDITOR, name="Adam Administrator")
        other_chair = factories.seated(session, made.other_raa_id, Role.CHAIR, Role.APPROVER, name="Cyd Chair")
    names = ("chair", "commissioner", "approver", "assessor", "lead", "checker", "owner_a", "owner_b")
    return {name: getattr(made, name) for name in names} | {"administrator": administrator, "other chair": other_chair}


def _sealed(on: Held) -> bool:
    with on.db.read() as session:
        return set(session.exec(select(BidLetter.wrapped_key))) == {None}


@pytest.mark.row("7.3")
def test_nobody_opens_early_by_any_post(on: Held, client_for: ClientFor) -> None:
    """In any role, from a millisecond before the close to one before the end of the drain; nor after it without the keyholder."""
    clients = {name: client_for(who) for name, who in _people(on).items()}
    opening, assessment, award = (f"/briefs/{on.brief_id}/{step}" for step in ("opening", "assessment/open", "award"))
    for moment in (CLOSES - MOMENT, CLOSES, READY - MOMENT):
        on.move(moment)
        for name, client in clients.items():
            posts: list[tuple[str, dict[str, Any]]] = [
                (opening, {"opened_at": "2020-01-01", "position": "2", "witness": "x", "person_id": str(uuid4())}),
                (assessment, {}),
                (award, {"bid_id": str(on.bids["a"]), "reason": REASON}),
                (f"{award}/approve", {}),
            ]
            if moment < CLOSES:
                posts.append((f"{opening}/out-of-order", {"reason": REASON}))
            for path, sent in posts:
                assert client.post(path, data=sent).status_code in (403, 404, 409, 422), (name, path, moment)
    with on.db.read() as session:
        assert session.get_one(Brief, on.brief_id).opened_at is None
        assert session.exec(select(OpeningApproval)).all() == []
    assert _sealed(on)


def _approved(session: Session, on: Held, *, closes_at: Any = EARLY, opened_at: Any = None) -> None:
    """Both approvals as rows, before a close that has been moved back."""
    session.exec(update(Brief).where(col(Brief.id) == on.brief_id).values(closes_at=closes_at))
    rows = [
        {"id": uuid4(), "brief_id": on.brief_id, "person_id": who.known, "position": place, "at": closes_at}
        for place, who in enumerate((on.made.chair, on.made.commissioner), start=1)
    ]
    session.connection().execute(insert(OpeningApproval), [row | {"witness": "development:00"} for row in rows])
    session.exec(update(Brief).where(col(Brief.id) == on.brief_id).values(opened_at=opened_at))


def _key_moved(session: Session, on: Held) -> None:
    session.exec(update(SealingKey).where(col(SealingKey.holder_id) == on.brief_id).values(not_before=EARLY))
    session.exec(update(Brief).where(col(Brief.id) == on.brief_id).values(closes_at=EARLY))


FORGERIES: Final[dict[str, Callable[[Session, Held], None]]] = {
    "two approvals": _approved,
    "two approvals, and said to be opened": lambda session, on: _approved(session, on, opened_at=EARLY),
    "an earlier hour in the key": _key_moved,
}


@pytest.mark.row("7.3")
@pytest.mark.parametrize("forgery", FORGERIES)
def test_nothing_that_is_written_into_the_database_lets_anything_be_read_early(
    on: Held, client_for: ClientFor, forgery: str
) -> None:
    """By the portal's own user of the database, who may write what he likes; every page is looked at by everybody afterwards."""
    people = _people(on)
    with on.db.write() as session:
        FORGERIES[forgery](session, on)
    on.move(EARLY + DRAIN)
    for who in people.values():
        token = on.token(who)
        for ask in (on.holder.approve_opening, on.holder.open_bids):
            try:
                released = ask(token, on.brief_id)
            except (Refused, NotFound):
                continue
            assert isinstance(released, str), "no key is released"
    about = f"/briefs/{on.brief_id}"
    for name, who in people.items():
        client = client_for(who)
        for path in (f"{about}/opening", f"{about}/results", f"{about}/award", f"{about}/assessment", about):
            answer = client.get(path)
            assert answer.status_code < 500, (name, path)
            assert not [words for words in WORDS if words in answer.text], (name, path)
    assert _sealed(on)


def test_the_database_itself_refuses_an_opening_before_the_close_and_an_award_by_one(on: Held) -> None:
    def refused(values: dict[str, Any], *, award: bool = False) -> str:
        with pytest.raises(IntegrityError) as error, on.db.write() as session:
            if award:
                session.add(Award(**values))
                session.flush()
            else:
                session.exec(update(Brief).where(col(Brief.id) == on.brief_id).values(**values))
        return str(error.value.orig)

    assert "opened_after_close" in refused({"opened_at": CLOSES - MOMENT})
    assert "opened_by_two" in refused({"opened_at": READY})
    assert "closes_after_publication" in refused({"closes_at": NOON - timedelta(days=400)})
    one = on.made.approver.known
    won = {"brief_id": on.brief_id, "bid_id": on.bids["a"], "total": 90, "reason": "", "proposed_at": NOON}
    assert "two_people" in refused(won | {"proposed_by": one, "approved_by": one, "approved_at": NOON}, award=True)
    with pytest.raises(Exception, match=r"(?i)audit|insert-only|append"), on.db.write() as session:
        session.exec(update(audit.AuditEvent).values(name="x"))


@dataclass(frozen=True)
class Step:
    """What moves a date or decides: who may do it, the event that tells of it, and how it is done, for which reason."""

    who: tuple[str, ...]
    event: str
    act: Callable[[Session, Held, Actor, UUID | None], Any]
    before: Callable[[Session, Held], UUID | None] = lambda session, on: None
    stage: str = ""
    reason: str = ""


def _longer(session: Session, on: Held, who: Actor, reason: str = REASON) -> UUID:
    terms = terms_of(session.get_one(Brief, on.brief_id))
    return propose_amendment(
        session, who, on.brief_id, Kind.MINOR, replace(terms, closes_at=CLOSES + timedelta(days=1)), reason
    )


def _win(session: Session, on: Held, who: Actor, bid: str = "a", reason: str = "") -> None:
    propose_award(session, who, on.brief_id, on.bids[bid], reason=reason, secret=SECRET)


STEPS: Final = {
    "asking for a later close": Step(
        ("commissioner",), "brief.amendment_proposed", lambda s, on, who, _: _longer(s, on, who)
    ),
    "publishing it": Step(
        ("approver",),
        "brief.amended",
        lambda s, on, who, change: publish_amendment(s, who, on.brief_id, change or uuid4()),
        before=lambda s, on: _longer(s, on, on.made.commissioner),
    ),
    "asking for an early close": Step(
        ("commissioner",), "brief.early_close_asked", lambda s, on, who, _: ask_early_close(s, who, on.brief_id)
    ),
    "agreeing to it": Step(
        ("approver",),
        "brief.amended",
        lambda s, on, who, _: agree_early_close(s, who, on.brief_id),
        before=lambda s, on: ask_early_close(s, on.made.commissioner, on.brief_id),
    ),
    "breaking the glass": Step(
        ("approver",),
        "opening.out_of_order",
        lambda s, on, who, _: break_glass(s, who, on.brief_id, REASON),
        stage="closed",
        reason=REASON,
    ),
    "proposing an award": Step(
        ("chair", "commissioner"), "award.proposed", lambda s, on, who, _: _win(s, on, who), stage="scored"
    ),
    "approving it": Step(
        ("approver",),
        "award.approved",
        lambda s, on, who, _: approve_award(s, who, on.brief_id, secret=SECRET),
        before=lambda s, on: _win(s, on, on.made.chair),
        stage="scored",
    ),
    "rejecting it": Step(
        ("approver",),
        "award.rejected",
        lambda s, on, who, _: reject_award(s, who, on.brief_id, reason=REASON, secret=SECRET),
        before=lambda s, on: _win(s, on, on.made.chair),
        stage="scored",
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_date_or_a_decision_is_of_the_right_person_and_in_the_record(on: Held, name: str) -> None:
    """Each wrong person leaves no trace of having done it; the right one leaves one event, with the reason where one is due."""
    step, people = STEPS[name], _people(on)
    if step.stage == "closed":
        on.move(CLOSES)
        with on.db.write() as session:
            factories.seated(session, on.made.raa_id, Role.ASSESSOR, name="Ulla Undeclared")
    if step.stage == "scored":
        on.scored()
    with on.db.write() as session:
        made = step.before(session, on)

    def events() -> list[audit.AuditEvent]:
        with on.db.read() as session:
            return list(session.exec(select(audit.AuditEvent).order_by(col(audit.AuditEvent.position))))

    began = len(events())
    for who in [actor for role, actor in people.items() if role not in step.who]:
        with pytest.raises((NotFound, NotAllowed, Refused)), on.db.write() as session:
            step.act(session, on, who, made)
    assert len(events()) == began, "nothing happened"
    with on.db.write() as session:
        step.act(session, on, people[step.who[0]], made)
    added = [one for one in events()[began:] if one.name == step.event]
    assert [one.person_id for one in added] == [people[step.who[0]].known], [one.name for one in events()[began:]]
    assert step.reason in str(added[0].detail)


def test_a_reason_is_due_where_the_law_or_the_house_asks_one(on: Held) -> None:
    """By the rules, or by the database where a form has asked for it already."""
    with pytest.raises(IntegrityError), on.db.write() as session:
        _longer(session, on, on.made.commissioner, reason="")
    on.move(CLOSES)
    with pytest.raises(IntegrityError), on.db.write() as session:
        break_glass(session, on.made.approver, on.brief_id, "")
    on.scored()
    with pytest.raises(Refused), on.db.write() as session:
        _win(session, on, on.made.chair, "b")
