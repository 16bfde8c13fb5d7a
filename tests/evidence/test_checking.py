"""How checkers decide: point by point, alone or by two, at once, again; and what they have taken."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import date, timedelta
from io import BytesIO
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from app.core import audit
from app.core.actor import Actor, Seat
from app.core.blobs import Blobs
from app.core.database import Database, violates
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.evidence import commands, queries
from app.evidence.check_models import RefusalProposal, SecondLook
from app.evidence.checklists import checklist, registers, registers_for
from app.evidence.commands import LookedAt
from app.evidence.models import Document, EvidenceItem, EvidenceKind, Verification
from app.evidence.queries import Tab, kind_facts
from app.evidence.rules import Found, Outcome, Reason, Standing, Tick
from app.organisations.rules import OrganisationKind, Role
from tests import NOON, factories
from tests.conftest import Clock
from tests.databases import Furniture, statements
from tests.evidence import files
from tests.evidence.checking import Hubs, hubs, sent

TODAY = date(2026, 11, 23)


@pytest.fixture
def furniture() -> Furniture:
    return hubs


@pytest.fixture
def item_id(db: Database, made: Hubs) -> UUID:
    with db.write() as session:
        return sent(session, made)


def verify(db: Database, actor: Actor, item_id: UUID, **ticks: Tick) -> None:
    with db.write() as session:
        told = factories.ticked(session, item_id) | ticks
        commands.verify_item(session, actor, item_id, how="Saw the schedule", ticks=told)


def propose(db: Database, actor: Actor, item_id: UUID, reason: Reason = Reason.NOT_GENUINE) -> None:
    with db.write() as session:
        commands.propose_refusal(session, actor, item_id, reason, "The insurer does not know this policy.")


def confirm(db: Database, actor: Actor, item_id: UUID) -> None:
    with db.write() as session:
        commands.confirm_refusal(session, actor, item_id)


def look_again(db: Database, actor: Actor, item_id: UUID, *, agrees: bool, words: str = "") -> None:
    with db.write() as session:
        commands.take_second_look(session, actor, item_id, agrees=agrees, words=words)


def standing(db: Database, made: Hubs) -> Standing:
    with db.read() as session:
        kind = "ins_public_liability"
        return queries.standings(session, [made.provider_id], [kind], TODAY)[made.provider_id, kind]


def story(db: Database, item_id: UUID) -> list[str]:
    with db.read() as session:
        return [words for _, words in queries.history(session, item_id)]


def tab(db: Database, actor: Actor, which: Tab, **limits: object) -> list[UUID]:
    with db.read() as session:
        return [check.item_id for check in queries.checks(session, actor, TODAY, tab=which, **limits)]  # type: ignore[arg-type]


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


@pytest.mark.row("3.7")
def test_a_register_that_exists_is_looked_at_before_its_point_is_ticked(db: Database, made: Hubs) -> None:
    with db.write() as session:
        item_id = sent(session, made, "ico_registration")
    seen = {"register": Tick(seen=True)}
    with pytest.raises(Refused) as no:
        verify(db, made.cara, item_id, **seen)
    assert no.value.refusal.code == "register"
    assert no.value.refusal.fix == (f"/checks/{item_id}#registers", "Look at the register and record it")
    for result in (Found.DIFFERS, Found.MATCHES, Found.MATCHES):
        with db.write() as session:
            looked = LookedAt(TODAY, result, "Ends 1 March 2027")
            commands.record_register_check(session, made.cara, item_id, "ico", looked)
        if result is Found.DIFFERS:
            with pytest.raises(Refused):
                verify(db, made.cara, item_id, **seen)
    verify(db, made.cara, item_id, **seen)
    with db.read() as session:
        looks = queries.register_looks(session, item_id, TODAY)
    assert [(look.result, look.checker_name, look.live) for look in looks] == [
        (Found.MATCHES, "Cara Checker", False),
        (Found.DIFFERS, "Cara Checker", False),
    ]
    looked = [words.rpartition(": ")[2] for words in story(db, item_id) if "looked at the Information" in words]
    assert looked == ["found, but it differs", "found, and it matches"]


@pytest.mark.row("3.7")
@pytest.mark.row("3.12")
def test_each_verification_rests_on_a_recent_look_made_for_this_version_and_after_any_doubt(
    db: Database, made: Hubs, clock: Clock
) -> None:
    def look(result: Found = Found.MATCHES) -> None:
        with db.write() as session:
            seen = LookedAt(clock.moment.date(), result, "As it stood")
            commands.record_register_check(session, made.cara, item_id, "ico", seen)

    def verified(actor: Actor) -> bool:
        with db.read() as session:
            looks = queries.register_looks(session, item_id, clock.moment.date())
            rests = Found.MATCHES in queries.last_found(looks)
        with nullcontext() if rests else pytest.raises(Refused, match="register"):
            verify(db, actor, item_id, register=Tick(seen=True))
        return rests

    with db.write() as session:
        item_id = sent(session, made, "ico_registration", again=True)
    look()
    clock.set(NOON + timedelta(days=15))
    assert not verified(made.cara), "eleven working days later it counts no longer"
    look()
    look(Found.NOT_FOUND)
    assert not verified(made.cara), "what the register showed last decides"
    clock.forward(days=1)
    look()
    assert verified(made.cara)
    clock.forward(hours=1)
    look_again(db, made.cleo, item_id, agrees=False, words="It is another organisation’s")
    assert not verified(made.cara), "the look before the doubt counts no longer"
    with db.read() as session:
        assert not any(one.counts for one in queries.register_looks(session, item_id, clock.moment.date()))
    clock.forward(hours=1)
    with db.write() as session:
        seen = LookedAt(clock.moment.date(), Found.MATCHES, "Looked up by its number")
        commands.record_register_check(session, made.chris, item_id, "ico", seen)
    assert verified(made.chris)


@pytest.mark.row("3.7")
def test_only_registers_are_offered_that_fit_the_kind_the_issuer_and_the_kind_of_provider() -> None:
    def keys(kind: str, *, issuer: str = "", provider: str = "company") -> list[str]:
        return [register.key for register in registers_for(kind, issuer=issuer, provider=provider)]

    assert keys("ins_public_liability") == []
    assert keys("professional_registration", issuer="HCPC") == ["hcpc"]
    assert keys("professional_registration", issuer="UK Council for Psychotherapy (UKCP)") == ["ukcp"]
    assert keys("professional_registration", issuer="General Medical Council") == ["hcpc", "ukcp", "bacp"]
    assert (keys("company_registration"), keys("company_registration", provider="nhs")) == (["companies_house"], [])
    assert keys("charity_registration", provider="charity") == ["charity_commission"]


@pytest.mark.row("3.7")
def test_a_look_is_of_the_past_at_a_register_that_has_the_kind_with_the_items_own_capture(
    db: Database, made: Hubs, item_id: UUID
) -> None:
    with db.write() as session:
        other = sent(session, made, "ico_registration")
    looks = (
        (made.cara, item_id, "ico", TODAY, NotFound),
        (made.cara, other, "nonsense", TODAY, NotFound),
        (made.cara, other, "ico", TODAY + timedelta(1), Refused),
        (made.cara, other, "ico", TODAY - timedelta(1), Refused),
        (made.owner, other, "ico", TODAY, NotFound),
    )
    for actor, item, key, day, error in looks:
        with pytest.raises(error), db.write() as session:
            commands.record_register_check(session, actor, item, key, LookedAt(day, Found.MATCHES))
    with pytest.raises(NotFound), db.write() as session:
        seen = LookedAt(TODAY, Found.MATCHES)
        commands.record_register_check(session, made.cara, other, "ico", seen, document_id=item_id)


@pytest.mark.row("3.7")
def test_a_capture_is_a_document_of_the_item_but_of_no_dbs_check(db: Database, blobs: Blobs, made: Hubs) -> None:
    with db.write() as session:
        item_id = sent(session, made, "ico_registration")
        dbs = sent(session, made, "dbs_enhanced", practitioner_id=made.practitioner_id)
    blob = blobs.put(BytesIO(files.pdf()), room="evidence")
    told = {"media_type": "application/pdf", "file_name": "register.pdf"}
    captured = set()
    for _ in range(2):
        with db.write() as session:
            captured.add(commands.attach_capture(session, made.cara, item_id, blob, **told))
    for actor, item in ((made.cara, dbs), (made.owner, item_id)):
        with pytest.raises(NotFound), db.write() as session:
            commands.attach_capture(session, actor, item, blob, **told)
    (document,) = captured
    with db.write() as session:
        assert session.get_one(Document, document).scan_state == "quarantined"
        seen = LookedAt(TODAY, Found.MATCHES)
        commands.record_register_check(session, made.cara, item_id, "ico", seen, document)
    with db.read() as session:
        assert [look.document_id for look in queries.register_looks(session, item_id, TODAY)] == [document]
    assert story(db, item_id)[0] == "Cara Checker captured what a register shows as register.pdf"


@pytest.mark.row("3.12")
@pytest.mark.row("3.13")
def test_a_refusal_takes_two_and_counts_as_not_held(db: Database, made: Hubs, item_id: UUID) -> None:
    for _ in range(2):
        propose(db, made.cara, item_id)
    assert standing(db, made) is Standing.AWAITING_CHECK
    assert (tab(db, made.cleo, Tab.WAITING), tab(db, made.cleo, Tab.REFUSALS)) == ([], [item_id])
    with pytest.raises(Refused) as own:
        confirm(db, made.cara, item_id)
    assert own.value.refusal.code == "second_person"
    for blocked in (lambda: verify(db, made.chris, item_id), lambda: propose(db, made.chris, item_id)):
        with pytest.raises(Refused) as waits:
            blocked()
        assert waits.value.refusal.words == "Cara Checker proposed to refuse this. That must be settled first."
    for _ in range(2):
        confirm(db, made.cleo, item_id)
    assert standing(db, made) is Standing.REFUSED
    assert tab(db, made.cleo, Tab.REFUSALS) == []
    assert story(db, item_id)[-2:] == [
        "Cara Checker proposed to refuse Public liability insurance for Test hub: The document does not seem to be genuine",
        "Cleo Checker confirmed the refusal of Public liability insurance for Second hub: "
        "The document does not seem to be genuine",
    ]
    with db.read() as session:
        decision = queries.item_page(session, item_id, TODAY).decision
        assert decision is not None
        assert (decision.outcome, decision.checker_name, decision.confirmed_by) == (
            Outcome.REFUSED,
            "Cara Checker",
            "Cleo Checker",
        )
        assert session.exec(select(OutboxMessage.template)).all() == ["evidence/refused.txt"]
        assert list(audit.verify(session)) == []


@pytest.mark.row("3.13")
def test_a_refusal_is_sent_back_by_another_or_taken_back_by_who_proposed_it(
    db: Database, made: Hubs, item_id: UUID
) -> None:
    propose(db, made.cara, item_id)
    with pytest.raises(Refused), db.write() as session:
        commands.send_refusal_back(session, made.cara, item_id, "I changed my mind")
    with pytest.raises(Refused), db.write() as session:
        commands.withdraw_refusal(session, made.cleo, item_id)
    for _ in range(2):
        with db.write() as session:
            commands.send_refusal_back(session, made.cleo, item_id, "I rang the insurer: it is genuine")
    with pytest.raises(Refused, match="no_refusal"):
        confirm(db, made.cleo, item_id)
    propose(db, made.chris, item_id)
    for _ in range(2):
        with db.write() as session:
            commands.withdraw_refusal(session, made.chris, item_id)
    verify(db, made.cara, item_id)
    assert standing(db, made) is Standing.VERIFIED
    with db.read() as session:
        rows = session.exec(select(RefusalProposal).order_by(col(RefusalProposal.proposed_at), RefusalProposal.id))
        assert [(row.settlement, row.settled_by) for row in rows] == [
            ("sent_back", made.cleo.known),
            ("withdrawn", None),
        ]
    assert any("did not confirm the refusal" in words and "I rang the insurer" in words for words in story(db, item_id))


@pytest.mark.row("3.12")
def test_the_database_itself_wants_two_people(db: Database, made: Hubs, item_id: UUID) -> None:
    propose(db, made.cara, item_id)
    confirm(db, made.cleo, item_id)
    for change, constraint in (
        (update(Verification).values(confirmed_by=made.cara.known), "ck_verification_two_people"),
        (update(Verification).values(confirmed_by=None), "ck_verification_refused_by_two"),
        (update(RefusalProposal).values(settled_by=made.cara.known), "ck_refusal_proposal_two_people"),
    ):
        with pytest.raises(IntegrityError) as broken, db.write() as session:
            session.execute(change)
        assert violates(broken.value, constraint)
    with pytest.raises(IntegrityError) as broken, db.write() as session:
        session.add(
            SecondLook(
                item_id=item_id,
                first_checker_id=made.cara.known,
                first_organisation_id=made.cara.seats[0].organisation_id,
                first_at=NOON,
                checker_id=made.cara.known,
                checker_organisation_id=made.cara.seats[0].organisation_id,
                agrees=True,
                at=NOON,
            )
        )
    assert violates(broken.value, "ck_second_look_two_people")


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
def test_one_in_ten_is_looked_at_again_by_somebody_else(db: Database, made: Hubs, item_id: UUID) -> None:
    with db.write() as session:
        chosen = sent(session, made, again=True, kind="ins_motor")
    for item in (item_id, chosen):
        verify(db, made.cara, item)
    assert tab(db, made.cleo, Tab.SECOND_LOOKS) == [chosen]
    for actor, item, code in ((made.cara, chosen, "second_person"), (made.cleo, item_id, "no_second_look")):
        with pytest.raises(Refused) as no:
            look_again(db, actor, item, agrees=True)
        assert no.value.refusal.code == code
    for _ in range(2):
        look_again(db, made.cleo, chosen, agrees=True)
    assert tab(db, made.cleo, Tab.SECOND_LOOKS) == []
    with pytest.raises(Refused, match="looked_at"):
        look_again(db, made.chris, chosen, agrees=False, words="No")
    assert story(db, chosen)[-1].endswith(" again and agreed with Cara Checker")


@pytest.mark.row("3.12")
def test_a_disagreement_opens_the_item_again_and_names_both(db: Database, made: Hubs, clock: Clock) -> None:
    with db.write() as session:
        older = sent(session, made, at=NOON - timedelta(days=2))
    verify(db, made.chris, older)
    with db.write() as session:
        chosen = sent(session, made, again=True)
    verify(db, made.cara, chosen)
    for _ in range(2):
        look_again(db, made.cleo, chosen, agrees=False, words="The limit is in all, not for each claim")
    assert tab(db, made.cara, Tab.WAITING) == [chosen]
    assert standing(db, made) is Standing.VERIFIED, "what it had replaced counts again"
    with db.read() as session:
        assert session.get_one(EvidenceItem, older).replaced_by_id is None
        (look,) = queries.second_looks(session, chosen)
        row = session.exec(select(SecondLook)).one()
    assert (look.first_name, look.second_name, look.agrees) == ("Cara Checker", "Cleo Checker", False)
    assert row.first_how == "Saw the schedule"
    assert row.first_checklist["cover"]["seen"] is True
    assert "disagreed with Cara Checker, so it waits for a new check" in story(db, chosen)[-1]
    clock.set(NOON + timedelta(hours=1))
    verify(db, made.chris, chosen)
    assert tab(db, made.cara, Tab.SECOND_LOOKS) == [chosen], "decided anew, it is looked at again anew"


@pytest.mark.row("3.12")
def test_a_check_is_taken_released_and_taken_over(db: Database, made: Hubs, item_id: UUID) -> None:
    def take(actor: Actor, *, over: bool = False) -> None:
        with db.write() as session:
            commands.take_check(session, actor, item_id, over=over)

    def release(actor: Actor) -> None:
        with db.write() as session:
            commands.release_check(session, actor, item_id)

    for _ in range(2):
        take(made.cara)
    assert tab(db, made.cara, Tab.WAITING, mine=True) == [item_id]
    for blocked in (lambda: take(made.cleo), lambda: verify(db, made.cleo, item_id)):
        with pytest.raises(Refused) as no:
            blocked()
        assert no.value.refusal.words.startswith("Cara Checker is working on this.")
    release(made.cleo)
    assert tab(db, made.cara, Tab.WAITING, mine=True) == [item_id]
    for _ in range(2):
        release(made.cara)
    take(made.chris)
    take(made.cleo, over=True)
    verify(db, made.cleo, item_id)
    with pytest.raises(Refused, match="already_decided"):
        take(made.cara)
    assert [words.partition(" ")[2] for words in story(db, item_id)][:3] == [
        "Checker took Public liability insurance to check it",
        "Checker put Public liability insurance back into the queue",
        "Checker took Public liability insurance to check it",
    ]


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


@pytest.mark.row("3.12")
def test_the_queue_is_by_age_with_working_days_and_filters(db: Database, made: Hubs) -> None:
    with db.write() as session:
        late = sent(session, made, at=NOON - timedelta(days=20))
        young = sent(session, made, "ins_motor", at=NOON - timedelta(days=4))
        other = sent(session, made, at=NOON - timedelta(days=10), provider_id=made.other_id)
    with db.read() as session:
        found = queries.queue(session, made.cara, TODAY, Tab.WAITING)
    assert [(check.item_id, check.waited, check.overdue) for check in found.checks] == [
        (late, 14, True),
        (other, 6, False),
        (young, 2, False),
    ]
    assert found.checks[0].due_on == date(2026, 11, 17)
    assert found.counts == {Tab.WAITING: 3, Tab.REFUSALS: 0, Tab.SECOND_LOOKS: 0}
    assert [name for _, name in found.providers] == ["Alder Therapy", "Birch Therapy"]
    assert tab(db, made.cara, Tab.WAITING, kind="ins_motor") == [young]
    assert tab(db, made.cara, Tab.WAITING, provider_id=made.other_id) == [other]
    with db.read() as session, statements(db) as asked:
        queries.queue(session, made.cara, TODAY, Tab.WAITING)
    assert len(asked) == 5


@pytest.mark.row("3.13")
def test_reasons_are_counted_the_most_frequent_first(db: Database, made: Hubs) -> None:
    for reason, kinds in (
        (Reason.UNREADABLE, ("ins_motor", "ins_public_liability", "ins_motor")),
        (Reason.OUT_OF_DATE, ("accounts",)),
    ):
        for kind in kinds:
            with db.write() as session:
                item = sent(session, made, kind)
                commands.return_item(session, made.cara, item, reason, "Photograph it in daylight")
    with db.write() as session:
        item = sent(session, made, "accounts")
    propose(db, made.cara, item, Reason.OUT_OF_DATE)
    confirm(db, made.cleo, item)
    with db.read() as session:
        found = queries.reasons(session)
        names = {slug: session.get_one(EvidenceKind, slug).name for slug in ("ins_motor", "accounts")}
    assert [(why.reason, why.returned, why.refused, why.most_of) for why in found] == [
        ("The document cannot be read", 3, 0, names["ins_motor"]),
        ("The document is out of date", 1, 1, names["accounts"]),
    ]


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
