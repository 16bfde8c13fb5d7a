"""A family reads about providers that chose to be listed, without signing in; and nothing else about anybody."""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, select

from app.core import audit
from app.core.actor import NOBODY
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.evidence.models import EvidenceItem, Verification
from app.memberships.capacity.commands import state_capacity
from app.memberships.capacity.rules import Figures
from app.memberships.models import Membership
from app.memberships.restriction.commands import agree_lift, propose_lift
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands as providers
from app.providers import reference
from app.providers.models import Practitioner, Provider, ProviderArea, ProviderTherapy, Therapy
from app.providers.news import PractitionerLeft
from app.providers.rules import Aspect
from app.publishing.cards import queries, rules
from app.publishing.cards.commands import list_card, name_no_longer, unlist_card, write_card
from app.publishing.cards.models import PublicCard
from app.publishing.cards.queries import PAGE, Sought
from app.web.pace import MOST_HOSTS, Pace
from tests import NOON, factories
from tests.conftest import ClientFor, Clock
from tests.databases import Furniture, statements
from tests.factories import World

pytestmark = pytest.mark.row("1.12")


def _furnish(session: Session) -> World:
    """Provider A has written and shown its card, names one of two practitioners, and waits differ between regions."""
    reference.load(session)
    made = factories.world(session)
    here, owner = made.provider_a, made.owner_a
    for provider_id in (here, made.provider_b):
        session.add(ProviderTherapy(provider_id=provider_id, therapy_slug="play_therapy"))
    named = providers.add_practitioner(session, owner, here, full_name="Petra Named", profession="Play therapist")
    for body, number, outcome in (("BAPT", "BAPT-SECRET-1", "verified"), ("HCPC", "AS1", "refused"), ("BACP", "2", "")):
        entry_id = providers.keep_registration(session, owner, named, body_slug=body, number=number)
        _checked(session, made, entry_id, named, outcome)
    providers.keep_qualification(session, owner, named, name="MA Play Therapy", awarding_body="", year=None)
    providers.choose_services(
        session,
        owner,
        here,
        {Aspect.NEED: ["trauma"], Aspect.AGE: ["5_to_8"], Aspect.DISTRICT: ["LS1"], Aspect.LANGUAGE: ["urdu"]},
    )
    write_card(session, owner, here, summary="We help children play.", expect="Six visits.", named=[named])
    list_card(session, owner, here, indexed=False)
    own = select(Membership.id).where(Membership.provider_id == here, Membership.lot_id == made.lots[0])
    weeks = dict(zip(sorted(session.exec(own)), (4, 10), strict=True))
    state_capacity(session, owner, {(key, "play_therapy"): Figures(731, wait) for key, wait in weeks.items()})
    return made


def _checked(session: Session, made: World, entry_id: UUID, person_id: UUID, outcome: str) -> None:
    """The registration's evidence, and how the check of it ended, if it has."""
    kind, checker = "professional_registration", made.lead
    item_id = factories.verified_evidence(
        session, made.provider_a, checker, kind=kind, practitioner_id=person_id, expires_on=NOON.date()
    )
    session.get_one(EvidenceItem, item_id).registration_id = entry_id
    decision = session.exec(select(Verification).where(Verification.item_id == item_id)).one()
    if not outcome:
        session.delete(decision)
    elif outcome == "refused":
        decision.outcome, decision.reason_code, decision.fix = outcome, "not_genuine", "Ask the body"
        decision.confirmed_by = made.lead_two.known
    session.flush()


@pytest.fixture
def furniture() -> Furniture:
    return _furnish


def _text(answer_text: str) -> str:
    return " ".join(BeautifulSoup(answer_text, "html.parser").get_text(" ").split())


@pytest.mark.parametrize(
    ("summary", "therapies", "closed", "code"),
    [
        ("Help", 1, False, None),
        ("", 1, False, "no_summary"),
        ("Help", 0, False, "no_therapies"),
        ("Help", 1, True, "closed"),
    ],
)
def test_when_a_card_may_be_shown(summary: str, therapies: int, closed: bool, code: str | None) -> None:
    found = rules.why_not_list(summary=summary, therapies=therapies, closed=closed)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    ("least", "most", "words"),
    [(0, 0, "no wait"), (4, 4, "4 weeks"), (1, 1, "1 week"), (0, 1, "up to 1 week"), (4, 10, "4 to 10 weeks")],
)
def test_how_a_wait_is_told(least: int, most: int, words: str) -> None:
    assert rules.wait_words(least, most) == words


def test_long_sentences_are_pointed_out() -> None:
    long = " ".join(["word"] * 21) + "."
    assert rules.long_sentences(f"Short one. {long}\nAnother.") == (long,)


def test_a_card_says_what_a_family_needs_and_nothing_that_is_not_theirs(
    db: Database, made: World, client_for: ClientFor, clock: Clock
) -> None:
    stranger, here = client_for(NOBODY), f"/find-support/{made.provider_a}"
    answer = stranger.get(here)
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    told = _text(answer.text)
    for words in (
        "We help children play.",
        "A child uses toys and play",
        "4 to 10 weeks on 23 November 2026",
        "Early trauma, neglect or abuse",
        "5 to 8",
        "Urdu",
        "Petra Named , Play therapist British Association of Play Therapists; MA Play Therapy",
        "And 1 × Therapist",
    ):
        assert words in told, words
    hidden = [
        "Health and Care Professions",
        "Counselling and Psychotherapy",
        "Therapist of Alder",
        "BAPT-SECRET-1",
        "Test framework",
        "Olive Owner",
        "731",
        "Lot 1",
        "PL-1",
    ]
    assert [words for words in hidden if words in answer.text] == []
    clock.forward(days=28)
    later = stranger.get(here).text
    assert "This may have changed" in later
    assert "British Association of Play Therapists" not in later, "what was verified is out of date"


def test_off_by_default_on_by_its_owner_and_off_again(db: Database, made: World, client_for: ClientFor) -> None:
    stranger, theirs = client_for(NOBODY), f"/find-support/{made.provider_b}"
    missing = stranger.get("/find-support/01a20000-0000-7000-8000-000000000000")
    assert stranger.get(theirs).status_code == missing.status_code == 404
    assert "Birch" not in stranger.get("/find-support").text
    owner, own = client_for(made.owner_b), f"/providers/{made.provider_b}/card"
    assert owner.post(f"{own}/list").status_code == 409
    assert owner.post(own, data={"summary": ""}).status_code == 422
    assert owner.post(own, data={"summary": "We listen."}).headers["location"] == f"{own}/preview"
    assert "nobody else sees this card yet" in owner.get(f"{own}/preview").text
    assert stranger.get(theirs).status_code == 404, "a preview is for its own people"
    assert owner.post(f"{own}/list", data={"indexed": "true"}).status_code == 303
    shown = stranger.get(theirs)
    assert (shown.status_code, "X-Robots-Tag" in shown.headers) == (200, False)
    assert owner.post(f"{own}/unlist").status_code == 303
    assert stranger.get(theirs).status_code == 404
    with db.write() as session:
        told = [audit.sentence(event) for event in audit.timeline(session, made.provider_b)]
        session.get_one(Provider, made.provider_a).archived_at = NOON
    assert told[-2:] == [
        "Omar Owner showed the card to anybody, and search engines may keep it",
        "Omar Owner took the card for families off the public list",
    ]
    assert stranger.get(f"/find-support/{made.provider_a}").status_code == 404, "a closed provider is not shown"


def test_a_restricted_provider_is_shown_to_no_family_until_it_is_lifted(
    db: Database, made: World, client_for: ClientFor
) -> None:
    with db.write() as session:
        session.get_one(PublicCard, made.provider_a).indexed = True
        restriction_id = factories.restricted(session, made, made.provider_a)
    stranger, own = client_for(NOBODY), client_for(made.owner_a)
    card, preview = f"/find-support/{made.provider_a}", f"/providers/{made.provider_a}/card/preview"
    lists = ("/find-support", f"/find-support/compare?card={made.provider_a}")
    assert stranger.get(card).status_code == 404
    for path in lists:
        assert "Alder" not in stranger.get(path).text
    assert "Play therapy" not in stranger.get("/find-support").text, "nor is what it alone offers to choose from"
    told = _text(own.get(preview).text)
    assert "nobody else sees this card now" in told and "While that lasts families do not find you" in told
    with db.write() as session:
        propose_lift(session, made.lead, restriction_id, "It was a mistake.")
        agree_lift(session, made.lead_two, restriction_id)
    assert stranger.get(card).status_code == 200, "what the owner had chosen was kept"
    for path in lists:
        assert "Alder" in stranger.get(path).text
    assert "anybody can read this card" in own.get(preview).text


def test_who_may_write_show_and_name(db: Database, made: World) -> None:
    with db.write() as session:
        clerk = factories.seated(session, made.provider_a, Role.DOCUMENTS)
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
        [stranger] = session.exec(select(Practitioner.id).where(Practitioner.provider_id == made.provider_b))
        write_card(session, clerk, made.provider_a, summary="We help.", expect="")
    for actor, error in ((reader, NotAllowed), (made.owner_b, NotFound), (made.commissioner, NotFound)):
        with pytest.raises(error), db.write() as session:
            write_card(session, actor, made.provider_a, summary="x", expect="")
    for actor, error in ((clerk, NotAllowed), (made.owner_b, NotFound)):
        with pytest.raises(error), db.write() as session:
            list_card(session, actor, made.provider_a, indexed=True)
        with pytest.raises(error), db.write() as session:
            unlist_card(session, actor, made.provider_a)
    with pytest.raises(NotFound), db.write() as session:
        write_card(session, made.owner_a, made.provider_a, summary="x", expect="", named=[stranger])
    with pytest.raises(Refused), db.write() as session:
        list_card(session, made.owner_b, made.provider_b, indexed=True)


def test_somebody_who_left_or_no_longer_agrees_is_not_named(db: Database, made: World, client_for: ClientFor) -> None:
    here = f"/find-support/{made.provider_a}"
    with db.write() as session:
        petra = session.exec(select(Practitioner.id).where(Practitioner.full_name == "Petra Named")).one()
        providers.mark_practitioner_left(session, made.owner_a, made.provider_a, petra)
    assert "Petra" not in client_for(NOBODY).get(here).text
    with db.write() as session:
        name_no_longer(session, PractitionerLeft(petra))  # who is not named is quietly not named
        providers.return_practitioner(session, made.owner_a, petra)
    assert "Petra" not in client_for(NOBODY).get(here).text, "who comes back agrees anew"
    for named in ([petra], []):
        with db.write() as session:
            write_card(session, made.owner_a, made.provider_a, summary="We help.", expect="", named=named)
        assert ("Petra" in client_for(NOBODY).get(here).text) == bool(named)


@pytest.mark.parametrize(
    ("sought", "names"),
    [
        ({}, ["Alder Therapy", "Council Therapy", "Online Therapy", "Travelling Therapy"]),
        ({"place": "LS1 4AP"}, ["Alder Therapy", "Online Therapy", "Travelling Therapy"]),
        ({"place": "BD1"}, ["Online Therapy"]),
        ({"place": "L1"}, ["Online Therapy"]),
        ({"therapy": "play_therapy"}, ["Alder Therapy"]),
        ({"place": "hartle"}, ["Council Therapy", "Online Therapy"]),
        ({"place": "Northumber"}, ["Online Therapy"]),
        ({"need": "trauma"}, ["Alder Therapy"]),
        ({"need": "loss"}, []),
        ({"need": "happiness", "therapy": "ddp", "place": "LS6"}, ["Online Therapy", "Travelling Therapy"]),
    ],
)
def test_found_by_place_therapy_and_need(
    db: Database, made: World, client_for: ClientFor, sought: dict[str, str], names: list[str]
) -> None:
    with db.write() as session:
        for name, offers in (("Online Therapy", {Aspect.MODE: ["online"]}), ("Travelling Therapy", {})):
            provider_id = _listed(session, name)
            owner = factories.seated(session, provider_id, Role.OWNER)
            providers.choose_services(session, owner, provider_id, offers)
            if not offers:
                providers.set_reach(session, owner, provider_id, travels_from="LS6", miles=5)
        for name in ("Hartlepool", "Northumberland"):
            council_id = factories.organisation(session, OrganisationKind.AUTHORITY, name)
            if name == "Hartlepool":
                session.add(ProviderArea(provider_id=_listed(session, "Council Therapy"), authority_id=council_id))
    page = BeautifulSoup(client_for(NOBODY).get("/find-support", params=sought).text, "html.parser")
    assert [link.get_text() for link in page.select("main h2 a")] == names
    if sought.get("place") == "LS1 4AP":
        told = page.get_text(" ", strip=True)
        assert "Council Therapy says that it covers Hartlepool" in told
        assert "They list LS1" in told and "They work online" in told and "Distances are not measured" in told


def _listed(session: Session, name: str) -> UUID:
    provider_id = factories.provider(session, name)
    session.add(ProviderTherapy(provider_id=provider_id, therapy_slug="ddp"))
    session.add(PublicCard(provider_id=provider_id, summary="We help.", listed_at=NOON, changed_at=NOON))
    session.flush()
    return provider_id


def test_what_is_no_postcode_is_said(client_for: ClientFor) -> None:
    answer = client_for(NOBODY).get("/find-support?place=nowhere")
    assert answer.status_code == 422
    assert "Enter a postcode" in answer.text
    assert client_for(NOBODY).get("/find-support?place=%25%25%25").status_code == 422


def test_four_side_by_side_and_those_alone_who_are_listed(db: Database, made: World, client_for: ClientFor) -> None:
    with db.write() as session:
        others = [_listed(session, f"Listed {number}") for number in range(4)]
    stranger = client_for(NOBODY)
    asked = [made.provider_b, made.provider_a, *others[:2], made.provider_a]
    page = BeautifulSoup(stranger.get("/find-support/compare", params={"card": asked}).text, "html.parser")
    assert [link.get_text() for link in page.select("thead a")] == ["Alder Therapy", "Listed 0", "Listed 1"]
    assert "4 to 10 weeks" in page.get_text(" ")
    assert "Only the first 4" in stranger.get("/find-support/compare", params={"card": [made.provider_a, *others]}).text
    assert "Nobody is chosen" in stranger.get("/find-support/compare").text


@pytest.mark.bar("P6")
def test_the_list_comes_in_pages_and_asks_as_often_for_many(db: Database, made: World, client_for: ClientFor) -> None:
    counts = []
    with db.write() as session:
        council = factories.organisation(session, OrganisationKind.AUTHORITY, "Hartlepool")
    for more in (0, PAGE + 2):
        with db.write() as session:
            for number in range(more):
                session.add(ProviderArea(provider_id=_listed(session, f"Listed {number:02d}"), authority_id=council))
        with statements(db) as sent, db.read() as session:
            found = queries.find(session, Sought(district="LS1"))
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 8
    with db.read() as session:
        first, second, past = (queries.find(session, Sought(), number) for number in (1, 2, 9))
    assert (len(first.cards), len(second.cards), first.pages, found.count) == (PAGE, 3, 2, 1)
    assert past == second, "past the end is the last page"


def test_every_therapy_of_the_taxonomy_is_told_in_one_plain_sentence(db: Database) -> None:
    with db.read() as session:
        plain = dict(session.exec(select(Therapy.slug, Therapy.plain)).all())
    assert [slug for slug, words in plain.items() if not words.endswith(".") or len(words.split()) > 25] == []


def test_too_many_pages_at_once_are_refused_to_a_stranger_alone(made: World, client_for: ClientFor) -> None:
    stranger, known = client_for(NOBODY), client_for(made.owner_b)
    for client in (stranger, known):
        client.app.state.pace = Pace(per_minute=2)
    assert [stranger.get("/find-support").status_code for _ in range(3)] == [200, 200, 429]
    refused = stranger.get("/find-support")
    assert 1 <= int(refused.headers["Retry-After"]) <= 31
    assert "Too many pages at once" in refused.text
    assert {known.get("/find-support").status_code for _ in range(4)} == {200}


def test_the_pace_refills_and_forgets() -> None:
    pace = Pace(per_minute=2)
    assert [pace.take("a", 0.0) for _ in range(3)] == [0, 0, 30]
    assert pace.take("b", 0.0) == 0
    assert pace.take("a", 30.0) == 0
    for number in range(MOST_HOSTS + 5):
        pace.take(str(number), 31.0)
    assert len(pace.left) == MOST_HOSTS


def test_the_pace_holds_where_many_ask_at_once() -> None:
    pace, together = Pace(per_minute=60), Barrier(8)

    def ask() -> int:
        together.wait()
        return sum(pace.take("a", 0.0) == 0 for _ in range(2_000))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(lambda _: ask(), range(8))) == 60
    finally:
        sys.setswitchinterval(before)
