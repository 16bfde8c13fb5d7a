"""A fact that a page of the profile tells is not told again as evidence, nor the other way round; one of two is right."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

import pytest
from bs4 import BeautifulSoup
from sqlmodel import Session, col, select
from starlette.testclient import TestClient

from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refused
from app.evidence import commands, reference
from app.evidence.models import EvidenceItem
from app.evidence.queries import facts_of, kind_of, kinds
from app.evidence.queries.told import told
from app.evidence.rules import ItemFacts
from app.evidence.rules.registration import NOT_OF
from app.evidence.rules.told import chosen, found
from app.organisations.rules import Role
from app.providers import commands as providers
from app.providers import reference as bodies
from app.providers.models import (
    PersonalInsurance,
    Practitioner,
    ProfessionalRegistration,
    Provider,
    Qualification,
    Supervision,
)
from app.providers.queries import newest_dbs
from app.providers.rules import DbsLevel, Frequency, Numbers, ProviderKind, Workforce
from tests import NOON, factories
from tests.conftest import ClientFor
from tests.databases import Furniture

HCPC, ACP, FMC = "AS12345", "12345", "0123A"
UNTIL = date(2027, 9, 30)


@dataclass(frozen=True)
class Practice:
    provider_a: UUID
    provider_b: UUID
    owner_a: Actor
    owner_b: Actor
    person: UUID


def _practice(session: Session) -> Practice:
    """Provider A with one practitioner, of whom everything is told on the pages of the profile and nothing as evidence."""
    made = factories.world_without_members(session)
    reference.load(session)
    bodies.load(session)
    owner = made.owner_a
    providers.mark_practitioner_left(session, owner, made.provider_a, _person_of(session, made.provider_a))
    numbers = Numbers(
        company_number="09506232",
        ofsted_urn="SC057941",
        ico_number="ZA123456",
        ppon="PZGW-7196-LCHL",
        share_code="HJ7kQ9bT",
    )
    providers.tell_numbers(session, owner, made.provider_a, numbers)
    person = providers.add_practitioner(
        session,
        owner,
        made.provider_a,
        full_name="Wren Wise",
        profession="Therapist",
        body_slug="HCPC",
        registration_number=HCPC,
    )
    providers.keep_registration(session, owner, person, body_slug="ACP", number=ACP, expires_on=UNTIL)
    providers.keep_registration(session, owner, person, body_slug="FMC", number=FMC, expires_on=UNTIL)
    for name in ("DDP level 2", "Theraplay level 1"):
        providers.keep_qualification(session, owner, person, name=name, awarding_body=f"The {name[:3]} body", year=2019)
    providers.keep_supervision(
        session, owner, person, supervisor="Sage Senior", body="BACP", frequency=Frequency.MONTHLY
    )
    providers.keep_insurance(session, owner, person, insurer="Own Cover", policy_number="OC-1", expires_on=UNTIL)
    providers.record_dbs(
        session,
        owner,
        person,
        certificate_number="001234567890",
        issued_on=date(2026, 3, 2),
        level=DbsLevel.ENHANCED,
        workforce=Workforce.CHILD,
    )
    return Practice(made.provider_a, made.provider_b, owner, made.owner_b, person)


@pytest.fixture
def furniture() -> Furniture:
    return _practice


def _boxes(client: TestClient, path: str) -> dict[str, str]:
    """What is in the boxes of a form: text, hidden and chosen alike, with only those that are filled."""
    main = BeautifulSoup(client.get(path).text, "html.parser").main
    assert main
    filled = {str(box["name"]): str(box.get("value", "")) for box in main.select("input[name]")}
    filled |= {str(one.find_parent("select")["name"]): str(one["value"]) for one in main.select("option[selected]")}  # type: ignore[index]
    return {name: value for name, value in filled.items() if value}


def _day(name: str, day: date) -> dict[str, str]:
    return {f"{name}-day": str(day.day), f"{name}-month": str(day.month), f"{name}-year": str(day.year)}


ALREADY: dict[str, dict[str, str]] = {
    "ppon": {"reference": "PZGW-7196-LCHL"},
    "cdp_share_code": {"reference": "HJ7kQ9bT"},
    "company_registration": {"reference": "09506232", "issuer": "Companies House"},
    "ofsted_asa": {"reference": "SC057941"},
    "ico_registration": {"reference": "ZA123456"},
    "professional_registration": {"reference": HCPC, "issuer": "Health and Care Professions Council"},
    "fmc_accreditation": {"reference": FMC, "issuer": "Family Mediation Council"} | _day("expires_on", UNTIL),
    "modality_qualification": {"issuer": "The DDP body"},
    "clinical_supervision": {"issuer": "Sage Senior"},
    "ins_professional_indemnity": {"issuer": "Own Cover", "reference": "OC-1"} | _day("expires_on", UNTIL),
    "dbs_enhanced": {"reference": "001234567890"} | _day("starts_on", date(2026, 3, 2)),
}


@pytest.mark.row("1.2")
@pytest.mark.parametrize("kind", list(ALREADY))
def test_what_the_profile_tells_is_in_the_form_already(
    db: Database, made: Practice, client_for: ClientFor, kind: str
) -> None:
    client, add = client_for(made.owner_a), f"/providers/{made.provider_a}/evidence/add?kind={kind}"
    boxes = _boxes(client, add)
    assert ALREADY[kind].items() <= boxes.items()
    assert "Filled in from" in client.get(add).text
    with db.read() as session:
        if kind_of(session, kind).of_a_person:
            assert boxes["practitioner_id"] == str(made.person), "the one practitioner is chosen already"
    item = client.post(add, data=boxes).headers["location"]
    page = client.get(item).text
    assert "The same as in" in page and "This differs" not in page
    assert client.get(f"{add}&of={made.person}&there=true").headers.get("location", item) in (item,), (
        "one fact, one item"
    )


@pytest.mark.row("1.6")
def test_every_registration_and_qualification_has_evidence_of_its_own(
    db: Database, made: Practice, client_for: ClientFor
) -> None:
    client = client_for(made.owner_a)
    for kind, count in (("professional_registration", 2), ("modality_qualification", 2)):
        add = f"/providers/{made.provider_a}/evidence/add?kind={kind}"
        for _ in range(count):
            assert client.post(add, data=_boxes(client, add)).status_code == 303
        with db.read() as session:
            entries = [
                (facts.registration_id, facts.qualification_id)
                for facts in map(facts_of, session.exec(select(EvidenceItem).where(EvidenceItem.kind_slug == kind)))
            ]
        assert len(set(entries)) == count, "the next form begins with the next one"
    record = BeautifulSoup(client.get(f"/practitioners/{made.person}").text, "html.parser")
    for link in record.select("a[href*='there=true']"):
        answer = client.get(str(link["href"]))
        assert answer.status_code in (200, 303), link["href"]
    with db.write() as session:
        entry = session.exec(select(Qualification.id).order_by(col(Qualification.id))).first()
        assert entry
        providers.remove_entry(session, made.owner_a, made.person, "qualification", entry)
    with db.read() as session:
        kept = session.exec(select(EvidenceItem).where(EvidenceItem.kind_slug == "modality_qualification")).all()
        assert sorted(one.qualification_id is None for one in kept) == [False, True], "the item outlives the entry"


CHANGED: dict[str, dict[str, str]] = {
    "ico_registration": {"reference": "ZB654321"},
    "professional_registration": {"reference": "AS99999"} | _day("expires_on", date(2028, 1, 31)),
    "modality_qualification": {"issuer": "Another body"},
    "clinical_supervision": {"issuer": "Somebody Else"},
    "ins_professional_indemnity": {"issuer": "Own Cover plc"},
    "dbs_enhanced": {"reference": "009999999999"},
}


def _on_the_pages(session: Session, made: Practice) -> dict[str, tuple[object, ...]]:
    """What the pages of the profile say of each kind of `CHANGED`."""
    provider = session.get_one(Provider, made.provider_a)
    entry = session.exec(select(ProfessionalRegistration).where(ProfessionalRegistration.body_slug == "HCPC")).one()
    held = session.exec(select(Qualification).where(Qualification.name == "DDP level 2")).one()
    supervision, cover = session.get_one(Supervision, made.person), session.get_one(PersonalInsurance, made.person)
    dbs = newest_dbs(session, made.person)
    assert dbs
    return {
        "ico_registration": (provider.ico_number,),
        "professional_registration": (entry.number, entry.expires_on),
        "modality_qualification": (held.awarding_body, held.year),
        "clinical_supervision": (supervision.supervisor, supervision.frequency),
        "ins_professional_indemnity": (cover.insurer, cover.policy_number),
        "dbs_enhanced": (dbs.certificate_number, dbs.level),
    }


RIGHT: dict[str, tuple[object, ...]] = {
    "ico_registration": ("ZB654321",),
    "professional_registration": ("AS99999", date(2028, 1, 31)),
    "modality_qualification": ("Another body", 2019),
    "clinical_supervision": ("Somebody Else", "monthly"),
    "ins_professional_indemnity": ("Own Cover plc", "OC-1"),
    "dbs_enhanced": ("009999999999", "enhanced"),
}


@pytest.mark.row("1.2")
@pytest.mark.parametrize("right", ["evidence", "profile"])
@pytest.mark.parametrize("kind", list(CHANGED))
def test_where_the_two_differ_one_is_right_and_the_other_put_right(
    db: Database, made: Practice, client_for: ClientFor, kind: str, right: str
) -> None:
    client, add = client_for(made.owner_a), f"/providers/{made.provider_a}/evidence/add?kind={kind}"
    with db.read() as session:
        before = _on_the_pages(session, made)
    item = client.post(add, data=_boxes(client, add) | CHANGED[kind]).headers["location"]
    assert "This differs from" in client.get(item).text
    with db.write() as session:
        reader = factories.seated(session, made.provider_a, Role.READ_ONLY)
    assert "This differs from" not in client_for(reader).get(item).text, "for those who keep it"
    assert client.post(f"{item}/settle", data={"right": right}).status_code == 303
    page = client.get(item).text
    assert "This differs from" not in page and "The same as in" in page
    with db.read() as session:
        after = _on_the_pages(session, made)
    assert after == (before | {kind: RIGHT[kind]} if right == "evidence" else before)


def test_what_was_sent_or_says_nothing_puts_nothing_right(db: Database, made: Practice) -> None:
    with db.write() as session:
        item = commands.add_item(
            session, made.owner_a, made.provider_a, ItemFacts(kind="ico_registration", reference="ZB654321")
        )
        session.get_one(EvidenceItem, item).submitted_at = NOON
    with pytest.raises(Refused, match="already_sent"), db.write() as session:
        commands.settle(session, made.owner_a, item, by_evidence=False)
    with db.write() as session:
        empty = commands.add_item(session, made.owner_a, made.provider_a, ItemFacts(kind="ico_registration"))
    with pytest.raises(Refused, match="nothing_to_tell"), db.write() as session:
        commands.settle(session, made.owner_a, empty, by_evidence=True)


@pytest.mark.row("1.2")
def test_what_evidence_tells_first_is_told_on_the_profile_too(db: Database, made: Practice) -> None:
    """Provider B tells its numbers and a registration as evidence alone; A's number does not become B's."""
    with db.write() as session:
        provider, owner = made.provider_b, made.owner_b
        person = _person_of(session, provider)
        for facts in (
            ItemFacts(kind="ico_registration", reference=" zb 654321"),
            ItemFacts(kind="ppon", reference="PZGW-7196-LCHL"),
            ItemFacts(kind="charity_registration", reference="1090095"),
            ItemFacts(
                kind="professional_registration",
                practitioner_id=person,
                issuer="HCPC, London",
                reference="AS777",
                expires_on=UNTIL,
            ),
        ):
            first = commands.add_item(session, owner, provider, facts)
            assert commands.add_item(session, owner, provider, facts) == first
    with db.read() as session:
        row = session.get_one(Provider, provider)
        assert (row.ico_number, row.ppon, row.charity_number) == ("ZB654321", None, None), (
            "a company is asked for no charity"
        )
        entry = session.exec(
            select(ProfessionalRegistration).where(ProfessionalRegistration.practitioner_id == person)
        ).one()
        assert (entry.body_slug, entry.number, entry.expires_on) == ("HCPC", "AS777", UNTIL)
        item = session.exec(select(EvidenceItem).where(EvidenceItem.practitioner_id == person)).one()
        assert (item.registration_id, item.known_at) == (entry.id, None), "it was asked for here"


@pytest.mark.row("1.9")
def test_one_number_alone_is_told(db: Database, made: Practice) -> None:
    with db.write() as session:
        session.get_one(Provider, made.provider_a).record_confirmed_on = NOON.date()
        for _ in range(2):
            providers.tell_number(session, made.owner_a, made.provider_a, "share_code", "aB3d E6gH")
        row = session.get_one(Provider, made.provider_a)
        assert (row.share_code, row.record_confirmed_on, row.ico_number) == ("aB3dE6gH", None, "ZA123456")
    with pytest.raises(Refused, match="ico_number_taken"), db.write() as session:
        providers.tell_number(session, made.owner_b, made.provider_b, "ico_number", "ZA123456")


def test_an_item_names_no_entry_of_anybody_else(db: Database, made: Practice) -> None:
    with db.write() as session:
        entry = session.exec(select(ProfessionalRegistration.id)).first()
        facts = ItemFacts(
            kind="professional_registration",
            practitioner_id=_person_of(session, made.provider_b),
            registration_id=entry,
        )
        item = commands.add_item(session, made.owner_b, made.provider_b, facts)
        assert session.get_one(EvidenceItem, item).registration_id is None


def test_of_several_people_whose_it_is_comes_first(db: Database, made: Practice, client_for: ClientFor) -> None:
    with db.write() as session:
        second = providers.add_practitioner(
            session, made.owner_a, made.provider_a, full_name="Robin Recent", profession="Therapist"
        )
    client, add = client_for(made.owner_a), f"/providers/{made.provider_a}/evidence/add?kind=professional_registration"
    page = client.get(add).text
    assert "Whose evidence is this?" in page and "Filled in from" not in page
    assert _boxes(client, f"{add}&of={made.person}")["reference"] == HCPC
    assert "reference" not in _boxes(client, f"{add}&of={second}"), "nothing is told of the other"
    with db.read() as session:
        [first, *_] = known = told(session, kind_of(session, "professional_registration"), made.provider_a)
    assert chosen(known, (), of=made.person, entry=uuid4()) is None
    assert found(known, ItemFacts(kind="professional_registration", practitioner_id=second, reference=HCPC)) is None
    assert (
        found(known, ItemFacts(kind="professional_registration", practitioner_id=made.person, reference="as 12345"))
        == first
    )


def _person_of(session: Session, provider_id: UUID) -> UUID:
    return session.exec(select(Practitioner.id).where(Practitioner.provider_id == provider_id)).one()


@pytest.mark.row("1.1")
@pytest.mark.parametrize("kind", list(ProviderKind))
def test_a_provider_is_offered_only_the_kinds_it_can_have(
    db: Database, made: Practice, client_for: ClientFor, kind: ProviderKind
) -> None:
    with db.write() as session:
        session.get_one(Provider, made.provider_a).kind = kind
    page = BeautifulSoup(client_for(made.owner_a).get(f"/providers/{made.provider_a}/evidence").text, "html.parser")
    offered = {str(option["value"]) for option in page.select("#kind option") if option["value"]}
    with db.read() as session:
        every = {one.slug for one in kinds(session)}
    assert offered == every - NOT_OF[kind]
    assert NOT_OF[kind] < every, "kinds that the catalogue knows"
    sole = kind is ProviderKind.SOLE_PRACTITIONER
    assert ("company_registration" in offered, "sole_trader_identity" in offered) == (
        kind not in (ProviderKind.SOLE_PRACTITIONER, ProviderKind.NHS),
        sole,
    )
    suggested = page.find("h2", string="Often asked for, and not here yet").find_next("ul").get_text()
    assert ("Employers' liability" in suggested) is not sole
