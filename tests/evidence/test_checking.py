"""How checkers decide: point by point, one decision at once, and never about their own."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from app.core.actor import Actor, Seat
from app.core.database import Database
from app.core.refusals import Refused
from app.evidence import commands, queries
from app.evidence.check_models import RefusalProposal
from app.evidence.checklists import checklist, registers, registers_for
from app.evidence.commands import LookedAt
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.queries import Tab, kind_facts
from app.evidence.rules import Found, Reason, Tick
from app.organisations.rules import OrganisationKind, Role
from tests import NOON
from tests.databases import Furniture
from tests.evidence.checking import TODAY, Hubs, hubs, propose, sent, tab, verify


@pytest.fixture
def furniture() -> Furniture:
    return hubs


@pytest.fixture
def item_id(db: Database, made: Hubs) -> UUID:
    with db.write() as session:
        return sent(session, made)


@pytest.mark.row("3.12")
def test_every_point_is_seen_or_does_not_apply_for_a_reason(db: Database, made: Hubs, item_id: UUID) -> None:
    for left in (Tick(), Tick(reason="  ")):
        with pytest.raises(Refused) as no:
            verify(db, made.cara, item_id, cover=left)
        assert no.value.refusal.words.startswith("Tick each point, or say why it does not apply. Still open: The limit")
    verify(db, made.cara, item_id, cover=Tick(reason="The wording gives no single limit"))
    with db.read() as session:
        decision = queries.item_page(session, item_id, TODAY).decision
    assert decision is not None
    points = {words: (seen, reason) for words, seen, reason in decision.checklist}
    assert len(points) == 6
    assert points["The limit is as stated, for each claim and not only in all"] == (
        False,
        "The wording gives no single limit",
    )
    assert points["Start and end date are as stated"] == (True, "")


@pytest.mark.row("3.12")
def test_every_kind_has_points_and_each_register_is_of_a_kind(db: Database, made: Hubs) -> None:
    with db.read() as session:
        kinds = {row.slug: kind_facts(row) for row in session.exec(select(EvidenceKind))}
    for kind in kinds.values():
        points = checklist(kind, registers_for(kind.slug, issuer="", provider="company"))
        assert len(points) >= 2, kind.slug
        assert len({point.key for point in points}) == len(points)
    assert len(registers()) == 8
    for register in registers():
        assert set(register.kinds) <= set(kinds), register.key
        assert register.type and register.compare and register.address.startswith("https://")


@pytest.mark.row("3.12")
@pytest.mark.parametrize("second", ["verify", "return", "refuse"])
def test_of_two_decisions_at_once_one_stands(db: Database, made: Hubs, item_id: UUID, second: str) -> None:
    """Each checker in a thread and a transaction of its own; the row's lock lets one through, and tells the other."""

    def other() -> None:
        if second == "verify":
            verify(db, made.cleo, item_id)
        elif second == "refuse":
            propose(db, made.cleo, item_id)
        else:
            with db.write() as session:
                commands.return_item(session, made.cleo, item_id, Reason.UNREADABLE, "Photograph it in daylight")

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(verify, db, made.cara, item_id), pool.submit(other)]
        errors = [future.exception() for future in both]
    assert all(error is None or isinstance(error, Refused) for error in errors), errors
    with db.read() as session:
        decisions = session.exec(select(Verification.outcome)).all()
        proposals = session.exec(select(RefusalProposal.id).where(col(RefusalProposal.settled_at).is_(None))).all()
    assert len(decisions) + len(proposals) == 1
    assert sum(error is None for error in errors) == (2 if second == "verify" else 1)


@pytest.mark.row("3.12")
@pytest.mark.invariant(10)
def test_nobody_checks_their_own_organisation_in_any_way(db: Database, made: Hubs, item_id: UUID) -> None:
    own = Actor(made.cara.person_id, "Cara Checker", "", (*made.cara.seats, *made.owner.seats))
    doing = (
        lambda session: commands.take_check(session, own, item_id),
        lambda session: commands.release_check(session, own, item_id),
        lambda session: commands.propose_refusal(session, own, item_id, Reason.UNREADABLE, "x"),
        lambda session: commands.confirm_refusal(session, own, item_id),
        lambda session: commands.send_refusal_back(session, own, item_id, "x"),
        lambda session: commands.withdraw_refusal(session, own, item_id),
        lambda session: commands.take_second_look(session, own, item_id, agrees=True),
        lambda session: commands.record_register_check(session, own, item_id, "ico", LookedAt(TODAY, Found.MATCHES)),
    )
    for do in doing:
        with pytest.raises(Refused) as no, db.write() as session:
            do(session)
        assert no.value.refusal.code == "own_organisation"
    assert all(tab(db, own, which) == [] for which in Tab)


@pytest.mark.row("3.9")
def test_of_what_a_person_holds_several_a_newer_one_replaces_its_own_issuers_alone(db: Database, made: Hubs) -> None:
    with db.write() as session:
        of = {"practitioner_id": made.practitioner_id}
        ids = [
            sent(session, made, "modality_qualification", issuer=issuer, at=NOON - timedelta(hours=hours), **of)  # type: ignore[arg-type]
            for hours, issuer in ((3, "EMDR Europe"), (2, "DDP Institute"), (1, "emdr europe"))
        ]
    for one in ids:
        verify(db, made.cara, one)
    with db.read() as session:
        rows = [session.get_one(EvidenceItem, one) for one in ids]
    assert [row.replaced_by_id for row in rows] == [ids[2], None, None]


@pytest.mark.row("3.12")
def test_a_checker_reads_nothing_more_of_their_own_provider(db: Database, made: Hubs, item_id: UUID) -> None:
    with db.read() as session:
        item = session.get_one(EvidenceItem, item_id)
        kind = queries.kind_of(session, item.kind_slug)
        item.confidential_reason = "Commercial terms"
        both = Actor(
            made.cara.person_id,
            made.cara.name,
            made.cara.email,
            (*made.cara.seats, Seat(made.provider_id, "Alder", OrganisationKind.PROVIDER, Role.READ_ONLY)),
        )
        assert queries.may_read(made.cara, item, kind, None)
        assert not queries.may_read(both, item, kind, None)
        session.expunge(item)
