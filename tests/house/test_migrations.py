"""Migrations are one numbered line; they go up, down and up again on both databases, and match the models."""

import re
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel, func, select

from app.applications.commands import start_application
from app.applications.models import ReturnedItem
from app.awards.models import Award
from app.bids.models import Bid
from app.briefs.events import REVISED
from app.briefs.inviting.models import BriefApproval
from app.briefs.models import Brief
from app.core.audit import record
from app.core.database import Database
from app.frameworks.commands import cancel_round, open_round
from app.frameworks.models import Round
from app.sealing.models import SealingKey
from app.sealing.queries import is_genuine
from tests import NOON, ROOT
from tests.conftest import Clock
from tests.databases import migrate
from tests.factories import brief, opened, world
from tests.sealing import SEAL, keyholder, organisation_key

TRIGGERS = {
    "sqlite": {
        ("audit_event", "audit_event_no_delete"),
        ("audit_event", "audit_event_no_update"),
        ("brief", "brief_entitled_when_added"),
        ("brief", "brief_entitled_when_changed"),
        ("brief", "brief_opened_by_two"),
        ("brief", "brief_prices_opened_by_two"),
        ("verification", "evidence_item_decided"),
        ("verification", "evidence_item_undecided"),
    },
    "postgresql": {
        ("audit_event", "audit_event_no_change"),
        ("audit_event", "audit_event_no_truncate"),
        ("brief", "brief_entitled"),
        ("brief", "brief_opened_by_two"),
        ("brief", "brief_prices_opened_by_two"),
        ("verification", "evidence_item_decided"),
        ("verification", "evidence_item_undecided"),
    },
}
NAMES = ("awarded", "opened", "sealed", "one")
VERSIONS = ROOT / "migrations" / "versions"


def _revisions() -> list[tuple[str, str | None, Path]]:
    found = []
    for path in sorted(VERSIONS.glob("*.py")):
        text = path.read_text()
        revision = re.search(r'^revision = ["\'](\w+)', text, re.M)
        down = re.search(r'^down_revision = (?:["\'](\w+)["\']|None)', text, re.M)
        assert revision and down, path
        found.append((revision[1], down[1], path))
    return found


def test_one_numbered_line_with_one_head() -> None:
    line = _revisions()
    assert [revision for revision, _, _ in line] == [f"{n:04d}" for n in range(1, len(line) + 1)]
    assert [down for _, down, _ in line] == [None, *(revision for revision, _, _ in line[:-1])]
    assert all(path.name.startswith(f"{revision}_") for revision, _, path in line)
    assert (ROOT / "migrations" / "HEAD").read_text().strip() == line[-1][0]


def test_a_migration_by_itself_knows_every_table() -> None:
    """In a process of its own: here the whole house has been imported, and with it what the list forgets."""
    alone = "from migrations.tables import TABLES; print(*(table.name for table in TABLES))"
    told = subprocess.run([sys.executable, "-c", alone], cwd=ROOT, check=True, capture_output=True, text=True)
    assert set(told.stdout.split()) == set(SQLModel.metadata.tables)


def test_the_models_match_the_migrations(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, SQLModel.metadata) == []


@pytest.mark.walk
def test_down_to_nothing_and_up_again(database_url: str) -> None:
    migrate(database_url, "base")
    database = Database(database_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() is None
    migrate(database_url)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == (ROOT / "migrations" / "HEAD").read_text().strip()
    database.close()


@pytest.mark.walk
def test_down_with_rows_that_only_the_newer_allows(db: Database, clock: Clock) -> None:
    """A round that was cancelled before it opened, and a change of ten thousand characters, are cut to what was allowed."""
    with db.write() as session:
        made = world(session, members=False)
        planned = NOON + timedelta(days=40), NOON + timedelta(days=80)
        scope = [(made.lots[0], made.regions[0])]
        round_id = open_round(session, made.lead, made.framework_id, "Another round", *planned, scope)
        cancel_round(session, made.lead, made.framework_id, round_id, "Not now")
        asked = ReturnedItem(
            application_id=start_application(session, made.owner_a, made.round_id, made.provider_a),
            item="statement",
            words="Say more.",
            requested_at=NOON,
            requested_by=made.lead.known,
            change="x" * 10_000,
        )
        session.add(asked)
    db.close()
    migrate(db.url, "0016")
    with db.read() as session:
        assert session.exec(select(Round.opens_at, Round.closes_at).where(Round.id == round_id)).one() == (
            NOON - timedelta(seconds=1),
            NOON,
        )
        assert session.exec(select(func.length(ReturnedItem.change))).one() == 4_000
    migrate(db.url)


@pytest.mark.walk
def test_where_there_was_one_opening_prices_count_as_opened_with_the_bids(db: Database, clock: Clock) -> None:
    closes, later = NOON - timedelta(days=2), NOON - timedelta(days=1)
    with db.write() as session:
        made = world(session)
        briefs = {name: brief(session, made, closes_at=closes, two_envelopes=name != "one") for name in NAMES}
        for name in ("awarded", "opened", "one"):
            row = opened(session, briefs[name], closes, prices_at=None if name == "one" else later)
            row.awarded_at = NOON if name == "awarded" else None
    db.close()
    migrate(db.url, "0030")
    migrate(db.url)
    with db.read() as session:
        found = {name: session.get_one(Brief, id_) for name, id_ in briefs.items()}
        assert {name: row.prices_opened_at for name, row in found.items()} == {
            "awarded": closes,
            "opened": closes,
            "sealed": None,
            "one": None,
        }
        assert [name for name, row in found.items() if row.two_envelopes] == ["awarded", "opened", "sealed"]


@pytest.mark.walk
def test_a_key_made_before_the_keyholder_vouched_for_any_is_vouched_for_as_it_starts(
    db: Database, clock: Clock
) -> None:
    whose = uuid4()
    with db.write() as session:
        organisation_key(session, whose)
    db.close()
    migrate(db.url, "0036")
    migrate(db.url)
    for word_there in (False, True):
        with db.read() as session:
            row = session.exec(select(SealingKey).where(SealingKey.holder_id == whose)).one()
            assert is_genuine(row, SEAL.voucher) is word_there
        keyholder(db).vouch_for_all()


@pytest.mark.walk
def test_no_reason_is_told_and_no_approval_counts_that_was_given_before_it_did(db: Database, clock: Clock) -> None:
    with db.write() as session:
        made = world(session)
        briefs = {name: brief(session, made, published_at=None) for name in ("revised", "kept")}
        briefs["published"] = brief(session, made)
        for brief_id in briefs.values():
            session.add(BriefApproval(brief_id=brief_id, person_id=made.approver.known, seen="", at=NOON))
            later = NOON + timedelta(hours=-1 if brief_id == briefs["kept"] else 1)
            record(session, REVISED, actor=made.commissioner, subject=brief_id, at=later, reference="B")
        who, whose = made.owner_a.known, made.provider_a
        bid = Bid(brief_id=briefs["published"], provider_id=whose, started_at=NOON, started_by=who)
        session.add(bid)
        session.flush()
        award = Award(brief_id=bid.brief_id, bid_id=bid.id, total=Decimal(80), reason="Because.", proposed_at=NOON)
        award.proposed_by = made.chair.known
        session.add(award)
    db.close()
    migrate(db.url, "0037")
    migrate(db.url)
    with db.read() as session:
        assert set(session.exec(select(BriefApproval.brief_id))) == {briefs["kept"], briefs["published"]}
        assert session.exec(select(Award)).one().reason_is_told is False


def test_the_triggers_of_every_migration_are_there(db: Database) -> None:
    """A table that SQLite writes afresh to alter it loses its triggers: who alters one of these tables makes them again."""
    asked = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    dialect = db.engine.dialect.name
    with db.engine.connect() as connection:
        assert {tuple(row) for row in connection.exec_driver_sql(asked[dialect])} == TRIGGERS[dialect]
