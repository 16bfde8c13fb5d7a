"""Frameworks in a real database: written whole, approved by a second person, opened in rounds that never overlap."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from app.core import audit
from app.core.actor import Actor
from app.core.crypto import digest
from app.core.database import Database
from app.core.refusals import NotAllowed, NotFound, Refused
from app.frameworks import queries
from app.frameworks.commands import (
    CallOffFacts,
    CriterionFacts,
    FrameworkFacts,
    LotFacts,
    RegionFacts,
    approve_framework,
    create_framework,
    open_round,
)
from app.frameworks.models import Framework, RuleSet
from app.frameworks.reference import load
from app.frameworks.rules import PriceUnit, RoundPhase, Service, frozen_text, round_phase
from app.organisations.rules import OrganisationKind, Role
from tests import NOON
from tests.conftest import Clock
from tests.factories import INSURANCE, evidence_kind, organisation, raa, seated


def _facts(session: Session) -> FrameworkFacts:
    """A small, whole framework: two lots, two regions, one agency."""
    load(session)
    authority = organisation(session, OrganisationKind.AUTHORITY, "Northshire")
    agency = raa(session, "Adopt North")
    return FrameworkFacts(
        slug=uuid4().hex,
        name="Northern framework",
        rule_set_slug="light_touch",
        summary="Therapy in the north",
        agreement_text="Each member agrees to keep its evidence current.",
        agreement_version="1.0",
        selection_process="A mini-competition among the members of the lot in the region.",
        starts_on=date(2026, 12, 1),
        ends_on=date(2030, 11, 30),
        estimated_value_pence=100_000_000,
        lots=tuple(
            LotFacts(number, name, service, "What it buys", PriceUnit.SESSION, 15_000, (evidence_kind(session),))
            for number, name, service in (
                (1, "Training", Service.TRAINING),
                (2, "Mediation", Service.MEDIATION),
            )
        ),
        regions=(RegionFacts("North", (authority,)), RegionFacts("South", ())),
        call_off=(CallOffFacts(agency, date(2026, 12, 1), date(2029, 11, 30)),),
        criteria=(CriterionFacts("Approach", "How", 40, 80), CriterionFacts("Price", "", 20, 60, is_price=True)),
    )


class Hub:
    """A lead with two people, and a draft that the first has written."""

    def __init__(self, session: Session) -> None:
        self.lead_id = organisation(session, OrganisationKind.LEAD, "Northern hub")
        self.writer = seated(session, self.lead_id, Role.FRAMEWORK_LEAD, name="Wanda Writer")
        self.second = seated(session, self.lead_id, Role.FRAMEWORK_LEAD, name="Sam Second")
        self.checker = seated(session, self.lead_id, Role.CHECKER)
        self.facts = _facts(session)
        [agency] = self.facts.call_off
        assert isinstance(agency.organisation_id, UUID)
        self.agency = agency.organisation_id
        self.framework_id = create_framework(session, self.writer, self.lead_id, self.facts)


@pytest.fixture
def hub(db: Database, clock: Clock) -> Hub:
    with db.write() as session:
        return Hub(session)


def test_a_framework_is_written_whole(db: Database, hub: Hub) -> None:
    with db.read() as session:
        found = queries.framework(session, hub.second, hub.framework_id)
        assert [lot.label for lot in found.lots] == ["Lot 1: Training", "Lot 2: Mediation"]
        assert [need.kind for need in found.lots[0].requires] == [INSURANCE]
        assert [(region.name, region.authorities) for region in found.regions] == [
            ("North", ("Northshire",)),
            ("South", ()),
        ]
        assert [body.name for body in found.call_off] == ["Adopt North"]
        assert [(c.position, c.name, c.is_price) for c in found.criteria] == [
            (1, "Approach", False),
            (2, "Price", True),
        ]
        assert found.rule_set.source
        lots, regions = queries.lots_and_regions(session, hub.framework_id)
        needs = queries.requirements(session, [lot.id for lot in lots])
        assert {lot.id: [need.kinds for need in needs[lot.id]] for lot in lots} == {
            lot.id: [(INSURANCE,)] for lot in lots
        }
        assert len(regions) == 2
        assert "wrote the framework Northern framework" in audit.sentence(audit.timeline(session, hub.framework_id)[0])


@pytest.mark.row("3.1")
def test_a_lot_requires_a_rule_and_its_approval_keeps_the_digest(db: Database, hub: Hub) -> None:
    rule = {"any_of": [{"kind": INSURANCE, "minimum_cover_pence": 100}, "other_kind"]}
    with db.write() as session:
        evidence_kind(session, "other_kind")
        lot = replace(hub.facts.lots[0], requires=(INSURANCE, rule))
        made = create_framework(session, hub.writer, hub.lead_id, replace(hub.facts, slug="ruled", lots=(lot,)))
    with db.write() as session:
        approve_framework(session, hub.second, made)
        [needs] = queries.lots(session, made)
        assert [need.name for need in needs.requires] == [
            "Any one of: Insurance public liability (cover of £1 or more), or Other kind",
            "Insurance public liability",
        ]
    with db.read() as session:
        event = audit.timeline(session, made)[-1]
        row = session.get_one(Framework, made)
        assert event.detail["sha256"] == row.sha256 == digest(frozen_text(queries.facts_of(session, row)).encode())


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("no_such_kind", "lots[0].requires[0]: there is no kind of evidence called “no_such_kind”."),
        ({"any_of": []}, "lots[0].requires[0]: “any_of” in the rule must list at least one part."),
    ],
)
def test_a_rule_that_means_nothing_is_refused(db: Database, hub: Hub, wrong: object, words: str) -> None:
    lot = replace(hub.facts.lots[0], requires=(wrong,))
    with pytest.raises(Refused) as refused, db.write() as session:
        create_framework(session, hub.writer, hub.lead_id, replace(hub.facts, slug="wrong", lots=(lot,)))
    assert refused.value.refusal.words == words


def test_only_its_own_lead_writes_a_framework_and_sees_the_draft(db: Database, hub: Hub) -> None:
    with db.write() as session:
        other = seated(session, organisation(session, OrganisationKind.LEAD, "Other hub"), Role.FRAMEWORK_LEAD)
    for stranger in (other, hub.checker):
        with pytest.raises(NotFound), db.write() as session:
            create_framework(session, stranger, hub.lead_id, replace(hub.facts, slug="another"))
    with db.read() as session:
        assert queries.frameworks(session, other, NOON) == []
        assert [line.name for line in queries.frameworks(session, hub.checker, NOON)] == ["Northern framework"]
        with pytest.raises(NotFound):
            queries.framework(session, other, hub.framework_id)


def test_a_slug_is_used_once(db: Database, hub: Hub) -> None:
    with pytest.raises(Refused) as refused, db.write() as session:
        create_framework(session, hub.writer, hub.lead_id, hub.facts)
    assert refused.value.refusal.code == "slug_taken"


def test_a_second_person_approves_once(db: Database, hub: Hub) -> None:
    with pytest.raises(Refused) as refused, db.write() as session:
        approve_framework(session, hub.writer, hub.framework_id)
    assert refused.value.refusal.code == "second_person"
    with pytest.raises(NotAllowed), db.write() as session:
        approve_framework(session, hub.checker, hub.framework_id)
    for _ in range(2):
        with db.write() as session:
            approve_framework(session, hub.second, hub.framework_id)
    with db.read() as session:
        row = session.get_one(Framework, hub.framework_id)
        assert (row.approved_at, row.approved_by) == (NOON, hub.second.person_id)
        assert [e.name for e in audit.timeline(session, hub.framework_id)] == [
            "framework.created",
            "framework.approved",
        ]


def test_the_database_itself_refuses_approval_by_the_writer(db: Database, hub: Hub) -> None:
    with pytest.raises(IntegrityError, match="two_people"), db.write() as session:
        row = session.get_one(Framework, hub.framework_id)
        row.approved_at, row.approved_by = NOON, hub.writer.known


@pytest.mark.row("2.19")
def test_the_term_is_capped_by_its_rule_set_which_is_data(db: Database, hub: Hub) -> None:
    with db.write() as session:
        long = replace(hub.facts, slug="long", rule_set_slug="closed", ends_on=date(2031, 11, 30))
        framework_id = create_framework(session, hub.writer, hub.lead_id, long)
    with pytest.raises(Refused) as refused, db.write() as session:
        approve_framework(session, hub.second, framework_id)
    assert refused.value.refusal.code == "facts.term"
    with db.write() as session:
        session.get_one(RuleSet, "closed").max_years = None
    with db.write() as session:
        approve_framework(session, hub.second, framework_id)


@pytest.fixture
def approved(db: Database, hub: Hub) -> Hub:
    with db.write() as session:
        approve_framework(session, hub.second, hub.framework_id)
    return hub


def _open(db: Database, actor: Actor, framework_id: UUID, *, opens: int, closes: int, lots: int, regions: int) -> UUID:
    with db.write() as session:
        of, within = queries.lots_and_regions(session, framework_id)
        scope = [(lot.id, region.id) for lot in of[:lots] for region in within[:regions]]
        return open_round(
            session,
            actor,
            framework_id,
            "A round",
            NOON + timedelta(days=opens),
            NOON + timedelta(days=closes),
            scope,
        )


@pytest.mark.row("2.5")
def test_rounds_never_overlap_on_a_lot_and_region(db: Database, approved: Hub) -> None:
    one = approved.framework_id
    _open(db, approved.writer, one, opens=0, closes=10, lots=1, regions=2)
    with pytest.raises(Refused) as refused:
        _open(db, approved.writer, one, opens=9, closes=20, lots=2, regions=1)
    assert refused.value.refusal.code == "overlap"
    _open(db, approved.writer, one, opens=10, closes=20, lots=2, regions=2)
    with db.read() as session:
        assert len(queries.rounds(session, one, NOON)) == 2


def test_a_round_of_foreign_lots_or_by_a_stranger_is_not_found(db: Database, approved: Hub) -> None:
    with pytest.raises(NotFound), db.write() as session:
        scope = [(uuid4(), uuid4())]
        open_round(session, approved.writer, approved.framework_id, "X", NOON, NOON + timedelta(days=1), scope)
    with db.write() as session:
        other = seated(session, organisation(session, OrganisationKind.LEAD, "Other hub"), Role.FRAMEWORK_LEAD)
    with pytest.raises(NotFound):
        _open(db, other, approved.framework_id, opens=0, closes=1, lots=1, regions=1)


def test_a_draft_opens_no_round(db: Database, hub: Hub) -> None:
    with pytest.raises(Refused) as refused:
        _open(db, hub.writer, hub.framework_id, opens=0, closes=1, lots=1, regions=1)
    assert refused.value.refusal.code == "framework_not_approved"


def test_open_rounds_in_sql_agree_with_the_rule_at_every_edge(db: Database, approved: Hub) -> None:
    _open(db, approved.writer, approved.framework_id, opens=1, closes=5, lots=2, regions=2)
    edge = timedelta(milliseconds=1)
    with db.read() as session:
        for moment in (1, 5):
            for now in (NOON + timedelta(days=moment) + step for step in (-edge, timedelta(0), edge)):
                found = queries.open_rounds(session, now)
                opens_at, closes_at = NOON + timedelta(days=1), NOON + timedelta(days=5)
                expected = round_phase(opens_at=opens_at, closes_at=closes_at, now=now) is RoundPhase.OPEN
                assert bool(found) is expected


def test_the_rule_sets_load_twice_and_keep_source_and_confidence(db: Database) -> None:
    for _ in range(2):
        with db.write() as session:
            assert load(session) == {"rule sets": 6}
    with db.read() as session:
        rows = {row.slug: row for row in session.exec(select(RuleSet))}
    assert set(rows) == {"closed", "open", "light_touch", "dynamic_market", "approved_list", "pre_2025"}
    assert all(row.source for row in rows.values())
    assert (rows["open"].max_years, rows["open"].first_reopen_within_years) == (8, 3)
    assert rows["dynamic_market"].confidence == "memory"


def test_a_correction_of_a_rule_set_loses_no_framework(db: Database, hub: Hub) -> None:
    with db.write() as session:
        session.connection().execute(text("UPDATE rule_set SET name = 'wrong' WHERE slug = 'light_touch'"))
    with db.write() as session:
        load(session)
    with db.read() as session:
        assert queries.framework(session, hub.writer, hub.framework_id).rule_set.name == "Light touch framework"
