"""Providers registered, changed, paused; the same thing twice is once; nobody else's is touched."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from sqlmodel import select

from app.core import audit
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.organisations.models import Organisation, OrganisationSeat
from app.organisations.queries import seats_of
from app.organisations.rules import OrganisationKind, Role
from app.providers import commands, queries, reference
from app.providers.models import Practitioner, ProfessionalBody, Provider, Therapy
from app.providers.rules import IDENTIFIERS, About, Numbers, ProviderKind, Registration, State, Status, taken
from tests import factories
from tests.conftest import Clock

COMPANY = Registration(kind=ProviderKind.COMPANY, name="Rowan Therapy", summary="We help.", company_number="09506232")


def _somebody(db: Database, *, confirmed: bool = True) -> Actor:
    with db.write() as session:
        person = factories.person(session, "Rhea Rowan")
        if not confirmed:
            person.confirmed_at = None
        return Actor(person.id, person.name, person.email)


def _owner(db: Database, name: str = "Alder Therapy", *roles: Role) -> tuple[UUID, Actor]:
    with db.write() as session:
        provider_id = factories.provider(session, name)
        return provider_id, factories.seated(session, provider_id, *(roles or (Role.OWNER,)))


def _events(db: Database) -> list[str]:
    with db.read() as session:
        return list(session.exec(select(audit.AuditEvent.name).order_by(audit.AuditEvent.position)))


@pytest.mark.row("1.1")
def test_registering_gives_the_owner_a_seat_once(db: Database, clock: Clock) -> None:
    actor = _somebody(db)
    ids = []
    for _ in range(2):
        with db.write() as session:
            ids.append(commands.register_provider(session, actor, COMPANY))
    assert ids[0] == ids[1]
    with db.read() as session:
        provider = session.get_one(Provider, ids[0])
        assert (provider.kind, provider.company_number, provider.terms_version) == ("company", "09506232", "2026-11")
        assert provider.registered_at == clock.moment
        [seat] = seats_of(session, actor.known)
        assert (seat.organisation_id, seat.kind, seat.role) == (ids[0], "provider", "owner")
    assert _events(db) == ["organisation.added", "organisation.seat_given", "provider.registered"]


def test_two_clicks_at_once_register_once(db: Database) -> None:
    actor = _somebody(db)
    sole = Registration(kind=ProviderKind.SOLE_PRACTITIONER, name="Rhea Rowan")

    def click(_: int) -> UUID:
        with db.write() as session:
            return commands.register_provider(session, actor, sole)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(click, range(4)))) == 1
    with db.read() as session:
        assert len(session.exec(select(OrganisationSeat)).all()) == 1


def test_an_unconfirmed_person_is_refused(db: Database) -> None:
    actor = _somebody(db, confirmed=False)
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.register_provider(session, actor, COMPANY)
    assert refused.value.refusal.code == "unconfirmed"


@pytest.mark.row("1.9")
@pytest.mark.parametrize("number", ["company_number", "charity_number"])
def test_an_official_number_belongs_to_one_provider(db: Database, number: str) -> None:
    told = {number: "1090095", "charity_number": "216250"} | {number: "1090095"}
    first = Registration(kind=ProviderKind.CHARITY, name="First", **told)
    second = Registration(kind=ProviderKind.CHARITY, name="Second", **{"charity_number": "279417", number: "1090095"})
    with db.write() as session:
        commands.register_provider(session, _one(session), first)
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.register_provider(session, _one(session), second)
    assert refused.value.refusal.code == f"{number}_taken"
    with db.read() as session:
        assert session.exec(select(Organisation.name)).all() == ["First"]


def _one(session: object) -> Actor:
    person = factories.person(session)  # type: ignore[arg-type]
    return Actor(person.id, person.name, person.email)


def test_a_company_without_its_number_is_refused(db: Database) -> None:
    actor = _somebody(db)
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.register_provider(session, actor, Registration(kind=ProviderKind.COMPANY, name="Nameless"))
    assert refused.value.refusal.code == "company_number_missing"


def test_the_profile_changes_and_says_what_changed(db: Database) -> None:
    provider_id, owner = _owner(db)
    about = About(name="Alder and Ash", summary="New words")
    for _ in range(2):
        with db.write() as session:
            commands.update_profile(session, owner, provider_id, about)
    with db.read() as session:
        told = queries.profile(session, owner, provider_id).facts
        assert (told.name, told.summary) == ("Alder and Ash", "New words")
        [event] = audit.timeline(session, provider_id)
        assert audit.sentence(event) == "Ann Example changed the profile: name, summary"


@pytest.mark.row("1.9")
@pytest.mark.row("1.14")
def test_numbers_and_the_national_record_are_told_once_and_dated(db: Database, clock: Clock) -> None:
    provider_id, owner = _owner(db)
    numbers = Numbers(company_number="07444723", ppon="PZGW-7196-LCHL", charity_number="1", share_code="aB3dE6gH")
    for _ in range(2):
        with db.write() as session:
            commands.tell_numbers(session, owner, provider_id, numbers, record_is_current=True)
    with db.read() as session:
        told = queries.profile(session, owner, provider_id)
        assert (told.facts.ppon, told.facts.charity_number) == ("PZGW-7196-LCHL", None), (
            "a company has no charity number"
        )
        assert told.record_confirmed_on == clock.moment.date()
        kept = queries.snapshot(session, provider_id)
        assert (kept["ppon"], kept["share_code"], kept["record_confirmed_on"]) == (
            "PZGW-7196-LCHL",
            "aB3dE6gH",
            "2026-11-23",
        )
        assert [audit.sentence(event) for event in audit.timeline(session, provider_id)] == [
            "Ann Example told the official numbers: PPON, company number, share code",
            "Ann Example confirmed that the record on the central digital platform is current",
        ]
    with db.write() as session:
        commands.tell_numbers(session, owner, provider_id, Numbers(company_number="07444723", share_code="zzzzzzzz"))
    with db.read() as session:
        told = queries.profile(session, owner, provider_id)
        assert told.record_confirmed_on is None, "another code opens another record"


def test_saying_that_there_are_no_numbers_is_an_answer(db: Database) -> None:
    provider_id, owner = _owner(db)
    with db.write() as session:
        session.get_one(Provider, provider_id).kind = "sole_practitioner"
        commands.tell_numbers(session, owner, provider_id, Numbers(), record_is_current=True)
    with db.read() as session:
        told = queries.profile(session, owner, provider_id)
        assert next(t for t in told.tasks if t.key == "numbers").status is Status.COMPLETED
        assert told.record_confirmed_on is None, "no code, no record to confirm"


@pytest.mark.row("1.9")
@pytest.mark.parametrize("field", IDENTIFIERS)
def test_every_official_number_belongs_to_one_provider(db: Database, field: str) -> None:
    first, first_owner = _owner(db)
    second, second_owner = _owner(db, "Birch Therapy")
    with db.write() as session:
        for provider_id in (first, second):
            session.get_one(Provider, provider_id).kind = "support_agency"
    numbers = Numbers(**{field: "1234567"})
    with db.write() as session:
        commands.tell_numbers(session, first_owner, first, numbers)
    with pytest.raises(Refused) as refused, db.write() as session:
        commands.tell_numbers(session, second_owner, second, numbers)
    assert refused.value.refusal == taken(field)


@pytest.mark.row("1.5")
def test_a_reading_colleague_may_not_change_and_a_stranger_finds_nothing(db: Database) -> None:
    provider_id, _ = _owner(db)
    _, other = _owner(db, "Birch Therapy")
    with db.write() as session:
        reader = factories.seated(session, provider_id, Role.READ_ONLY)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.update_profile(session, reader, provider_id, About(name="X"))
    with pytest.raises(NotFound), db.write() as session:
        commands.update_profile(session, other, provider_id, About(name="X"))


def test_therapies_and_areas_are_chosen_from_the_lists(db: Database) -> None:
    provider_id, owner = _owner(db)
    with db.write() as session:
        reference.load(session)
        north = factories.organisation(session, OrganisationKind.AUTHORITY, "Northshire")
        factories.organisation(session, OrganisationKind.AUTHORITY, "Southshire")
    for _ in range(2):
        with db.write() as session:
            commands.choose_therapies(session, owner, provider_id, ["ddp", "theraplay"])
            commands.choose_areas(session, owner, provider_id, [north])
    with db.read() as session:
        profile = queries.profile(session, owner, provider_id)
        assert [g.heading for g in profile.therapies] == ["Attachment and family", "Play"]
        assert [[c.label for c in g.choices] for g in profile.areas] == [["Northshire"]]
        assert profile.state is State.ACTIVE
        assert queries.snapshot(session, provider_id)["therapies"] == [
            "Dyadic developmental psychotherapy",
            "Theraplay",
        ]
    assert _events(db) == ["provider.therapies_chosen", "provider.areas_chosen"]
    with pytest.raises(Refused), db.write() as session:
        commands.choose_therapies(session, owner, provider_id, ["holding"])
    with pytest.raises(Refused), db.write() as session:
        commands.choose_areas(session, owner, provider_id, [provider_id])


@pytest.mark.row("1.6")
def test_a_practitioner_joins_once_and_leaves_once(db: Database) -> None:
    provider_id, owner = _owner(db)
    with db.write() as session:
        reference.load(session)
    ids = []
    for _ in range(2):
        with db.write() as session:
            ids.append(
                commands.add_practitioner(
                    session,
                    owner,
                    provider_id,
                    full_name="Pia Practitioner",
                    profession="Social worker",
                    body_slug="SWE",
                    registration_number="12345",
                )
            )
    assert ids[0] == ids[1]
    with db.read() as session:
        [pia] = [p for p in queries.practitioners(session, provider_id) if p.id == ids[0]]
        assert pia.body == "Social Work England"
        assert pia.warning is not None
        assert "SWE" in pia.warning
    for _ in range(2):
        with db.write() as session:
            commands.mark_practitioner_left(session, owner, provider_id, ids[0])
    with db.read() as session:
        assert ids[0] not in {p.id for p in queries.practitioners(session, provider_id)}
        assert session.get_one(Practitioner, ids[0]).left_at is not None
    assert _events(db) == ["practitioner.added", "practitioner.left"]


def test_a_practitioner_of_another_provider_is_not_found(db: Database) -> None:
    provider_id, owner = _owner(db)
    other_id, _ = _owner(db, "Birch Therapy")
    with db.read() as session:
        foreign = queries.practitioners(session, other_id)[0].id
    for practitioner_id in (foreign, uuid4()):
        with pytest.raises(NotFound), db.write() as session:
            commands.mark_practitioner_left(session, owner, provider_id, practitioner_id)


def test_pausing_and_returning_are_the_owners_and_happen_once(db: Database) -> None:
    provider_id, owner = _owner(db)
    for _ in range(2):
        with db.write() as session:
            commands.pause_provider(session, owner, provider_id)
    with db.read() as session:
        assert session.get_one(Provider, provider_id).paused_at is not None
    for _ in range(2):
        with db.write() as session:
            commands.return_provider(session, owner, provider_id)
    with db.read() as session:
        assert session.get_one(Provider, provider_id).paused_at is None
    assert _events(db) == ["provider.paused", "provider.returned"]
    with db.write() as session:
        colleague = factories.seated(session, provider_id, Role.DOCUMENTS)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.pause_provider(session, colleague, provider_id)


def test_a_pause_with_a_day_ends_by_itself(db: Database, clock: Clock) -> None:
    provider_id, owner = _owner(db)
    for until in (date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 7)):
        with db.write() as session:
            commands.pause_provider(session, owner, provider_id, until=until)

    def state() -> State:
        with db.read() as session:
            return queries.profile(session, owner, provider_id).state

    assert state() is State.PAUSED
    with pytest.raises(Refused, match="until_past"), db.write() as session:
        commands.pause_provider(session, owner, provider_id, until=date(2026, 11, 23))
    clock.set(datetime(2026, 12, 6, 23, 59, tzinfo=UTC))
    assert state() is State.PAUSED
    clock.forward(minutes=1)
    assert state() is State.REGISTERED
    with db.write() as session:
        commands.return_provider(session, owner, provider_id)
    with db.write() as session:
        commands.pause_provider(session, owner, provider_id)
    assert state() is State.PAUSED
    assert _events(db) == ["provider.paused_until", "provider.paused_until", "provider.paused"]


def test_an_owner_closes_a_provider_for_good_once(db: Database, clock: Clock) -> None:
    provider_id, owner = _owner(db)
    with db.write() as session:
        colleague = factories.seated(session, provider_id, Role.DOCUMENTS)
    with pytest.raises(NotAllowed), db.write() as session:
        commands.archive_provider(session, colleague, provider_id)
    for _ in range(2):
        with db.write() as session:
            commands.archive_provider(session, owner, provider_id)
        clock.forward(days=1)
    with db.read() as session:
        assert queries.profile(session, owner, provider_id).state is State.ARCHIVED
        [event] = audit.timeline(session, provider_id)
        assert audit.sentence(event) == "Ann Example closed Alder Therapy here for good"


def test_an_archived_provider_cannot_pause(db: Database, clock: Clock) -> None:
    provider_id, owner = _owner(db)
    with db.write() as session:
        session.get_one(Provider, provider_id).archived_at = clock.moment
    with pytest.raises(Refused), db.write() as session:
        commands.pause_provider(session, owner, provider_id)


def test_reference_data_loads_again_and_corrections_update(db: Database) -> None:
    with db.write() as session:
        first = reference.load(session)
    with db.write() as session:
        session.get_one(Therapy, "ddp").name = "Mistyped"
    with db.write() as session:
        assert reference.load(session) == first == {"therapies": 39, "professional bodies": 15}
    with db.read() as session:
        assert session.get_one(Therapy, "ddp").name == "Dyadic developmental psychotherapy"
        fmc = session.get_one(ProfessionalBody, "FMC")
        assert (fmc.confidence, fmc.number_pattern) == ("partly verified", r"\d{3,5}[APTX]")
        assert "suffix verified" in fmc.note
        assert "catalogue" in fmc.source
        assert all(t.source for t in session.exec(select(Therapy)))


def test_a_provider_that_somebody_lists_is_nobodys_and_its_number_its_own(db: Database) -> None:
    with db.write() as session:
        lister = factories.seated(
            session, factories.organisation(session, OrganisationKind.LEAD, "Test hub"), Role.FRAMEWORK_LEAD
        )
        numbers = {"company_number": "12345678"}
        listed = commands.list_provider(session, lister, "Fern", ProviderKind.COMPANY, numbers)
        assert (session.get_one(Provider, listed).terms_version, queries.known_as(session, "12345678")) == (
            "",
            (listed,),
        )
    with pytest.raises(Refused, match="company_number_taken"), db.write() as session:
        commands.list_provider(session, lister, "Fern again", ProviderKind.COMPANY, numbers)
