"""Accounts, sessions, links and tries, on a real database."""

from datetime import timedelta
from uuid import uuid4

import pytest
from argon2 import extract_parameters
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from app.accounts import commands, queries, rules
from app.accounts.models import AttemptCount, OneTimeLink, Person, SignInSession
from app.accounts.passwords import NOBODYS, hashed, matches
from app.accounts.rules import Attempt, LinkKind
from app.core import audit
from app.core.actor import Actor
from app.core.audit import AuditEvent
from app.core.database import Database
from app.core.mail import OutboxMessage
from app.core.refusals import NotFound, Refused
from app.organisations.queries import actor_signed_in
from tests import NOON
from tests.conftest import Clock

EMAIL, PASSWORD, LIFE = "ann@example.org", "tea ladder otter", timedelta(hours=12)
HASHED = hashed(PASSWORD)
OTHER = hashed("rain window fable")


@pytest.fixture(autouse=True)
def _frozen(clock: Clock) -> None:
    """Time stands still in every test here."""


def register(db: Database, *, name: str = "Ann Example", email: str = EMAIL) -> None:
    with db.write() as session:
        commands.register_person(session, name=name, email=email, password=HASHED, onward="/bids")


def ann(db: Database) -> Actor:
    with db.write() as session:
        commands.add_person(session, name="Ann Example", email=EMAIL, password=PASSWORD)
    with db.read() as session:
        person = session.exec(select(Person)).one()
        return Actor(person.id, person.name, person.email)


def begin(db: Database, actor: Actor) -> str:
    with db.write() as session:
        return commands.start_session(session, actor.known, device="Firefox on Linux", life=LIFE)


def mails(db: Database) -> list[OutboxMessage]:
    with db.read() as session:
        return list(session.exec(select(OutboxMessage).order_by(OutboxMessage.id)))


def token_of(db: Database) -> str:
    return str(mails(db)[-1].context["token"])


def told(db: Database) -> list[str]:
    with db.read() as session:
        return [audit.sentence(row) for row in session.exec(select(AuditEvent).order_by(AuditEvent.position))]


def test_register_confirm_and_sign_in(db: Database) -> None:
    register(db)
    assert [(m.to_address, m.template, m.context["onward"]) for m in mails(db)] == [
        (EMAIL, "accounts/confirm.txt", "/bids")
    ]
    with db.read() as session:
        proven = queries.credentials(session, EMAIL)
        assert queries.linked(session, LinkKind.CONFIRM, token_of(db)).name == "Ann Example"
    assert matches(proven.password_hash, PASSWORD)
    with pytest.raises(Refused, match="unconfirmed"), db.write() as session:
        commands.sign_in(session, proven, email=EMAIL, host="h", device="d", life=LIFE)
    for _ in range(2):  # a double click
        with db.write() as session:
            commands.confirm(session, token_of(db))
    with db.write() as session:
        token = commands.sign_in(session, proven, email=EMAIL, host="h", device="Firefox on Linux", life=LIFE)
    with db.read() as session:
        known = actor_signed_in(session, token)
        assert known
        assert known.email == EMAIL
        assert token not in {row.token_digest for row in session.exec(select(SignInSession))}, "kept as a digest"
    assert told(db) == [
        "Ann Example registered",
        "The service sent a confirm link to the person’s address",
        "Ann Example confirmed their e-mail address",
        "Ann Example signed in with Firefox on Linux",
    ]


def test_registering_a_taken_address_tells_its_owner_and_changes_nothing(db: Database) -> None:
    ann(db)
    for _ in range(2):
        register(db, name="Mallory Example")
    with db.read() as session:
        assert [p.name for p in session.exec(select(Person))] == ["Ann Example"]
    assert [m.template for m in mails(db)] == ["accounts/already-registered.txt"], "once a day at most"


def test_add_person_refuses_a_taken_address(db: Database) -> None:
    ann(db)
    with pytest.raises(IntegrityError), db.write() as session:
        commands.add_person(session, name="Ann Two", email="ANN@example.org", password=PASSWORD)


@pytest.mark.parametrize("kind", LinkKind)
def test_a_link_dies_when_used_late_or_of_the_other_kind(db: Database, clock: Clock, kind: LinkKind) -> None:
    register(db)
    if kind == LinkKind.RESET:
        with db.write() as session:
            commands.request_reset(session, EMAIL)
    token = token_of(db)
    other = LinkKind.RESET if kind == LinkKind.CONFIRM else LinkKind.CONFIRM
    for wrong_kind, wrong_token in ((other, token), (kind, "no such token")):
        with pytest.raises(Refused, match="dead_link"), db.read() as session:
            queries.linked(session, wrong_kind, wrong_token)
    clock.forward(seconds=rules.LINK_LIFE[kind].total_seconds())
    with pytest.raises(Refused, match="dead_link"), db.read() as session:
        queries.linked(session, kind, token)
    with pytest.raises(Refused, match="dead_link"), db.write() as session:
        if kind == LinkKind.CONFIRM:
            commands.confirm(session, token)
        else:
            commands.reset_password(session, token, password=OTHER)


def test_another_confirming_link_only_where_it_is_needed(db: Database) -> None:
    register(db)
    with db.write() as session:
        commands.send_confirmation(session, EMAIL)
        commands.send_confirmation(session, "nobody@example.org")
    assert len(mails(db)) == 2
    with db.write() as session:
        commands.confirm(session, token_of(db))
    with db.write() as session:
        commands.send_confirmation(session, EMAIL)
    assert len(mails(db)) == 2


def test_a_reset_sets_the_password_confirms_the_address_and_ends_every_session_and_link(db: Database) -> None:
    register(db)
    with db.read() as session:
        person = session.exec(select(Person)).one()
    sessions = [begin(db, Actor(person.id)) for _ in range(2)]
    for _ in range(2):
        with db.write() as session:
            commands.request_reset(session, EMAIL)
    with db.write() as session:
        commands.reset_password(session, token_of(db), password=OTHER)
    with db.read() as session:
        assert [actor_signed_in(session, token) for token in sessions] == [None, None]
        row = session.exec(select(Person)).one()
        assert row.password_hash == OTHER
        assert row.confirmed_at == NOON
        assert all(link.used_at for link in session.exec(select(OneTimeLink)))
    with pytest.raises(Refused, match="dead_link"), db.write() as session:
        commands.reset_password(session, token_of_kind(db, "reset"), password=HASHED)
    assert mails(db)[-1].template == "accounts/password-changed.txt"


def token_of_kind(db: Database, kind: str) -> str:
    return str(next(m.context["token"] for m in mails(db) if m.template == f"accounts/{kind}.txt"))


def test_a_reset_for_nobody_sends_nothing(db: Database) -> None:
    with db.write() as session:
        commands.request_reset(session, "nobody@example.org")
    assert mails(db) == []


def test_a_session_ends_by_time_by_sign_out_and_with_its_account(db: Database, clock: Clock) -> None:
    actor = ann(db)
    first, second, third = begin(db, actor), begin(db, actor), begin(db, actor)
    for _ in range(2):
        with db.write() as session:
            commands.sign_out(session, first)
    with db.read() as session:
        assert actor_signed_in(session, first) is None
        assert actor_signed_in(session, second)
    clock.forward(hours=12)
    with db.read() as session:
        assert actor_signed_in(session, second) is None
        assert queries.live_sessions(session, actor.known, third) == []
    clock.set(NOON)
    with db.write() as session:
        session.get_one(Person, actor.known).disabled_at = NOON
    with db.read() as session:
        assert actor_signed_in(session, third) is None
        assert queries.credentials(session, EMAIL).person_id is None
    assert told(db).count("Ann Example signed out") == 1


def test_one_ends_ones_own_sessions_alone(db: Database) -> None:
    actor = ann(db)
    mine, other = begin(db, actor), begin(db, actor)
    with db.read() as session:
        listed = queries.live_sessions(session, actor.known, mine)
        assert sorted(live.current for live in listed) == [False, True]
        other_id = next(live.id for live in listed if not live.current)
    for stranger, wanted in ((Actor(uuid4()), other_id), (actor, uuid4())):
        with pytest.raises(NotFound), db.write() as session:
            commands.end_session(session, stranger, wanted)
    for _ in range(2):
        with db.write() as session:
            commands.end_session(session, actor, other_id)
    third = begin(db, actor)
    with db.write() as session:
        commands.end_other_sessions(session, actor, keep=mine)
    with db.read() as session:
        assert [bool(actor_signed_in(session, t)) for t in (mine, other, third)] == [True, False, False]
    assert told(db)[1:] == [
        "Ann Example ended a session (Firefox on Linux)",
        "Ann Example ended every other session (1)",
    ]


def test_a_password_changed_meanwhile_does_not_sign_in_or_change_again(db: Database) -> None:
    actor = ann(db)
    with db.read() as session:
        proven = queries.credentials(session, EMAIL)
    keep, other = begin(db, actor), begin(db, actor)
    with db.write() as session:
        commands.change_password(session, actor, proven, password=OTHER, keep=keep, host="h")
    with db.read() as session:
        assert actor_signed_in(session, keep)
        assert actor_signed_in(session, other) is None
    with pytest.raises(Refused, match="wrong_sign_in"), db.write() as session:
        commands.sign_in(session, proven, email=EMAIL, host="h", device="d", life=LIFE)
    with pytest.raises(Refused, match="wrong_sign_in"), db.write() as session:
        commands.change_password(session, actor, proven, password=HASHED, keep=keep, host="h")


@pytest.mark.parametrize("attempt", Attempt)
def test_tries_are_counted_for_an_address_from_a_host(db: Database, clock: Clock, attempt: Attempt) -> None:
    def again(email: str = EMAIL, host: str = "10.0.0.1") -> None:
        with db.write() as session:
            commands.count_try(session, attempt, email=email, host=host)

    for _ in range(rules.PER_ADDRESS[attempt].tries):
        again()
    with pytest.raises(Refused, match="too_many_tries"):
        again()
    again(host="10.0.0.2")
    again(email="other@example.org")
    with db.read() as session:
        assert all(len(row.bucket) == 64 for row in session.exec(select(AttemptCount))), "a digest, no address"
    clock.forward(seconds=rules.PER_ADDRESS[attempt].per.total_seconds())
    again()


@pytest.mark.parametrize("attempt", Attempt)
def test_tries_are_counted_for_a_host(db: Database, attempt: Attempt) -> None:
    def again(number: int) -> None:
        with db.write() as session:
            commands.count_try(session, attempt, email=f"p{number}@example.org", host="10.0.0.1")

    most = rules.PER_HOST[attempt].tries
    for number in range(most):
        again(number)
    with pytest.raises(Refused, match="too_many_tries"):
        again(most)


@pytest.mark.parametrize("attempt", Attempt)
def test_tries_are_counted_for_an_address_from_all_hosts_together(db: Database, attempt: Attempt) -> None:
    def again(number: int) -> None:
        with db.write() as session:
            commands.count_try(session, attempt, email=EMAIL, host=f"10.0.0.{number}")

    most = rules.PER_ACCOUNT[attempt].tries
    for number in range(most):
        again(number)
    with pytest.raises(Refused, match="too_many_tries"):
        again(most)


def test_a_password_is_hashed_as_heavily_as_owasp_asks() -> None:
    """What tests hash is lighter: this one was hashed as the house was imported."""
    weight = extract_parameters(NOBODYS)
    assert (weight.memory_cost, weight.time_cost, weight.parallelism) == (19_456, 2, 1)


def test_a_whole_office_signs_in_from_one_address(db: Database) -> None:
    """Right passwords do not use up the limit that many people behind one address share."""
    ann(db)
    with db.read() as session:
        proven = queries.credentials(session, EMAIL)
    for number in range(rules.PER_HOST[Attempt.SIGN_IN].tries + 5):
        with db.write() as session:
            commands.count_try(session, Attempt.SIGN_IN, email=EMAIL, host="h")
        with db.write() as session:
            commands.sign_in(session, proven, email=EMAIL, host="h", device=f"d{number}", life=LIFE)


def test_signing_in_forgets_the_tries(db: Database) -> None:
    ann(db)
    with db.read() as session:
        proven = queries.credentials(session, EMAIL)
    for _ in range(2 * rules.PER_ADDRESS[Attempt.SIGN_IN].tries):
        with db.write() as session:
            commands.count_try(session, Attempt.SIGN_IN, email=EMAIL, host="h")
        with db.write() as session:
            commands.sign_in(session, proven, email=EMAIL, host="h", device="d", life=LIFE)


def test_only_a_persona_is_stepped_into(db: Database) -> None:
    plain = ann(db)
    with db.write() as session:
        persona_id = commands.add_person(
            session,
            name="Petra Persona",
            email="petra@example.org",
            password=PASSWORD,
            note="Providers: about to bid",
        )
    for nobody in (plain.known, uuid4()):
        with pytest.raises(NotFound), db.write() as session:
            commands.step_in(session, nobody, device="d", life=LIFE)
    with db.write() as session:
        token = commands.step_in(session, persona_id, device="d", life=LIFE)
    with db.read() as session:
        known = actor_signed_in(session, token)
        assert known
        assert known.person_id == persona_id
        assert {group: [p.name for p in people] for group, people in queries.personas(session).items()} == {
            "Providers": ["Petra Persona"]
        }
