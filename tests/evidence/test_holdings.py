"""What a provider holds is worth what the rule says, for every combination; reference data loads again."""

from datetime import timedelta
from itertools import product

import pytest
from sqlmodel import select

from app.core.database import Database
from app.evidence import queries, reference, rules
from app.evidence.models import EvidenceItem, EvidenceKind, Verification
from app.evidence.rules import Outcome, Standing
from app.providers.models import Practitioner
from tests import NOON, factories
from tests.conftest import Clock
from tests.databases import Furniture, statements
from tests.evidence.supplying import TODAY, Set, alder, standing_of


@pytest.fixture
def furniture() -> Furniture:
    return alder


@pytest.mark.row("1.6")
def test_a_persons_evidence_counts_while_the_person_is_there(db: Database, made: Set, clock: Clock) -> None:
    with db.write() as session:
        factories.verified_evidence(
            session, made.provider_id, made.checker, kind="fmc_accreditation", practitioner_id=made.practitioner_id
        )
    assert standing_of(db, made, "fmc_accreditation") is Standing.VERIFIED
    with db.write() as session:
        session.get_one(Practitioner, made.practitioner_id).left_at = clock.moment
    assert standing_of(db, made, "fmc_accreditation") is Standing.MISSING
    with db.read() as session:
        assert queries.held(session, made.provider_id, TODAY) == []


def test_standings_agree_with_the_rule_for_every_combination(db: Database, made: Set) -> None:
    """One kind of evidence for each combination of facts, so that each standing is one item's own."""
    days = (None, TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1))
    told = [
        (promisable, submitted, outcome, starts_on, expires_on)
        for promisable, submitted, outcome, starts_on, expires_on in product(
            (True, False), (True, False), (None, *Outcome), days, days
        )
        if (submitted or outcome is None) and not (starts_on and expires_on and expires_on < starts_on)
    ]
    expected = {}
    with db.write() as session:
        for number, (promisable, submitted, outcome, starts_on, expires_on) in enumerate(told):
            kind = factories.evidence_kind(session, f"kind_{number}")
            session.get_one(EvidenceKind, kind).promised_until_award = promisable
            item = EvidenceItem(
                provider_id=made.provider_id,
                kind_slug=kind,
                starts_on=starts_on,
                expires_on=expires_on,
                added_at=NOON,
                added_by=made.owner.known,
                submitted_at=NOON if submitted else None,
            )
            session.add(item)
            session.flush()
            if outcome:
                session.add(
                    Verification(
                        item_id=item.id,
                        checker_id=made.checker.known,
                        checker_organisation_id=made.checker.seats[0].organisation_id,
                        outcome=outcome,
                        reason_code="unreadable",
                        fix="x",
                        confirmed_by=made.owner.known if outcome == "refused" else None,
                        at=NOON,
                    )
                )
            expected[made.provider_id, kind] = rules.standing(
                promisable=promisable,
                submitted=submitted,
                outcome=outcome,
                starts_on=starts_on,
                expires_on=expires_on,
                on=TODAY,
            )
    kinds = [kind for _, kind in expected]
    with db.read() as session:
        assert queries.standings(session, [made.provider_id], kinds, TODAY) == expected
        assert {item.kind.slug: item.standing for item in queries.held(session, made.provider_id, TODAY)} == {
            kind: standing for (_, kind), standing in expected.items()
        }


def test_standings_ask_the_database_once(db: Database, made: Set) -> None:
    with db.write() as session:
        ids = [factories.provider(session, f"Provider {number}") for number in range(5)]
        for provider_id in ids:
            factories.verified_evidence(session, provider_id, made.checker)
    with db.read() as session, statements(db) as sent:
        found = queries.standings(session, ids, [factories.INSURANCE, "accounts"], TODAY)
    assert len(sent) == 1
    assert len(found) == 10
    assert set(found.values()) == {Standing.VERIFIED, Standing.MISSING}


def test_reference_data_loads_again_and_corrections_update(db: Database, made: Set) -> None:
    with db.write() as session:
        session.get_one(EvidenceKind, "dbs_enhanced").name = "Mistyped"
    with db.write() as session:
        assert reference.load(session) == {"kinds of evidence": 57}
    with db.read() as session:
        dbs = session.get_one(EvidenceKind, "dbs_enhanced")
        assert (dbs.name, dbs.sensitivity, dbs.holder) == (
            "Enhanced DBS certificate with children's barred list",
            rules.NARROW,
            "person",
        )
        kinds = session.exec(select(EvidenceKind)).all()
        assert all(kind.source for kind in kinds)
        assert set(rules.COMMON) <= {kind.slug for kind in kinds}
