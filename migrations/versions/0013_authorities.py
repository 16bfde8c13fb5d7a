"""Authorities: who serves whom and who signs, each from a day; accession to a call-off list; briefs only while entitled."""

from uuid import uuid4

import sqlalchemy as sa
import sqlmodel
from alembic import op
from alembic.operations import BatchOperations

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STRING, _MOMENT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
_IN_ORDER = "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from"
_STANDS = sa.text("valid_to IS NULL")
_ENTITLED = (
    "SELECT 1 FROM call_off_body body WHERE body.id = NEW.call_off_id "
    "AND body.entitled_from <= {day} AND (body.entitled_to IS NULL OR {day} <= body.entitled_to)"
)
# SQLite knows no time zones: British summer time runs from 01:00 UTC on the last Sunday of March to that of October.
_SUMMER = (
    "NEW.published_at >= date(NEW.published_at, 'start of year', '+3 months', 'weekday 0', '-7 days') || ' 01:00' AND "
    "NEW.published_at < date(NEW.published_at, 'start of year', '+10 months', 'weekday 0', '-7 days') || ' 01:00'"
)
_DAY_SQLITE = f"date(NEW.published_at, CASE WHEN {_SUMMER} THEN '+1 hour' ELSE '+0 hours' END)"
_DAY_POSTGRESQL = "(NEW.published_at AT TIME ZONE 'Europe/London')::date"


def upgrade() -> None:
    _directory()
    _calling_off()
    _briefs()


def _directory() -> None:
    op.create_table(
        "directory_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", _STRING(length=20), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("source", _STRING(length=500), nullable=False),
        sa.Column("recorded_at", _MOMENT(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind in ('merger', 'succession', 'split', 'move')", name=op.f("ck_directory_change_kind")),
        sa.CheckConstraint("source <> ''", name=op.f("ck_directory_change_sourced")),
        _refers("directory_change", "recorded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_change")),
    )
    op.create_table(
        "raa_successor",
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("raa_id", sa.Uuid(), nullable=False),
        sa.Column("successor_id", sa.Uuid(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.CheckConstraint("raa_id <> successor_id", name=op.f("ck_raa_successor_another")),
        sa.ForeignKeyConstraint(
            ["change_id"], ["directory_change.id"], name=op.f("fk_raa_successor_change_id")
        ),
        sa.ForeignKeyConstraint(["raa_id"], ["raa.id"], name=op.f("fk_raa_successor_raa_id")),
        sa.ForeignKeyConstraint(["successor_id"], ["raa.id"], name=op.f("fk_raa_successor_successor_id")),
        sa.PrimaryKeyConstraint("change_id", "raa_id", name=op.f("pk_raa_successor")),
    )
    op.create_index(op.f("ix_raa_successor_successor_id"), "raa_successor", ["successor_id"])
    op.create_table(
        "contracting_authority",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("raa_id", sa.Uuid(), nullable=False),
        sa.Column("name", _STRING(length=200), nullable=False),
        sa.Column("form", _STRING(length=20), nullable=False),
        sa.Column("authority_id", sa.Uuid(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", _STRING(length=500), nullable=False),
        sa.Column("confidence", _STRING(length=20), nullable=False),
        sa.Column("recorded_at", _MOMENT(), nullable=True),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "form in ('council', 'trust', 'company', 'voluntary_agency')", name=op.f("ck_contracting_authority_form")
        ),
        sa.CheckConstraint(
            "confidence in ('verified', 'partly verified', 'memory')", name=op.f("ck_contracting_authority_confidence")
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_contracting_authority_named")),
        sa.CheckConstraint(_IN_ORDER, name=op.f("ck_contracting_authority_in_order")),
        _refers("contracting_authority", "raa_id", "raa"),
        _refers("contracting_authority", "authority_id", "organisation"),
        _refers("contracting_authority", "recorded_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracting_authority")),
    )
    op.create_index(op.f("ix_contracting_authority_raa_id"), "contracting_authority", ["raa_id"])
    op.create_index(op.f("ix_contracting_authority_authority_id"), "contracting_authority", ["authority_id"])
    _unique_while("uq_contracting_authority_standing", "contracting_authority", ["raa_id"], _STANDS)
    _hosts_become_rows()
    with op.batch_alter_table("raa") as batch:
        batch.drop_column("host")
        _dated(batch, "raa")
    with op.batch_alter_table("raa_pan_region") as batch:
        _dated(batch, "raa_pan_region")
    with op.batch_alter_table("raa_authority") as batch:
        batch.drop_constraint(op.f("uq_raa_authority_raa_id_authority_id"), type_="unique")
        batch.add_column(sa.Column("change_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_raa_authority_change_id"), "directory_change", ["change_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_check_constraint(op.f("ck_raa_authority_in_order"), _IN_ORDER)
        batch.create_index(op.f("ix_raa_authority_change_id"), ["change_id"])
    _unique_while("uq_raa_authority_standing", "raa_authority", ["authority_id"], _STANDS)


def _calling_off() -> None:
    op.create_table(
        "may_accede",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework_id", sa.Uuid(), nullable=False),
        sa.Column("pan_region_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(pan_region_id IS NULL) <> (organisation_id IS NULL)", name=op.f("ck_may_accede_one_of_two")
        ),
        _refers("may_accede", "framework_id", "framework"),
        _refers("may_accede", "pan_region_id", "pan_region"),
        _refers("may_accede", "organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_may_accede")),
        sa.UniqueConstraint("framework_id", "pan_region_id", name=op.f("uq_may_accede_framework_id_pan_region_id")),
        sa.UniqueConstraint("framework_id", "organisation_id", name=op.f("uq_may_accede_framework_id_organisation_id")),
    )
    op.create_index(op.f("ix_may_accede_framework_id"), "may_accede", ["framework_id"])
    op.create_table(
        "accession",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _STRING(length=20), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("evidence", _STRING(length=1000), nullable=False),
        sa.Column("way", _STRING(length=20), nullable=False),
        sa.Column("asked_at", _MOMENT(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", _MOMENT(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", _MOMENT(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind in ('joins', 'leaves')", name=op.f("ck_accession_kind")),
        sa.CheckConstraint("way in ('two_people', 'before_live', 'own')", name=op.f("ck_accession_way")),
        sa.CheckConstraint("evidence <> ''", name=op.f("ck_accession_evidenced")),
        sa.CheckConstraint(
            "way <> 'two_people' OR confirmed_by IS NULL OR confirmed_by <> asked_by",
            name=op.f("ck_accession_two_people"),
        ),
        sa.CheckConstraint("(confirmed_at IS NULL) = (body_id IS NULL)", name=op.f("ck_accession_done")),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_accession_confirmed_by_somebody")
        ),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name=op.f("ck_accession_withdrawn_by_somebody")
        ),
        sa.CheckConstraint("confirmed_at IS NULL OR withdrawn_at IS NULL", name=op.f("ck_accession_settled_once")),
        _refers("accession", "framework_id", "framework"),
        _refers("accession", "organisation_id", "organisation"),
        _refers("accession", "asked_by", "person"),
        _refers("accession", "confirmed_by", "person"),
        _refers("accession", "withdrawn_by", "person"),
        _refers("accession", "body_id", "call_off_body"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accession")),
    )
    for column in ("framework_id", "organisation_id", "body_id"):
        op.create_index(op.f(f"ix_accession_{column}"), "accession", [column])
    _unique_while(
        "uq_accession_waiting",
        "accession",
        ["framework_id", "organisation_id"],
        sa.text("confirmed_at IS NULL AND withdrawn_at IS NULL"),
    )


def _briefs() -> None:
    """A brief points to one time on the list; so far every body had one, by constraint."""
    with op.batch_alter_table("brief") as batch:
        batch.drop_constraint("fk_brief_call_off", type_="foreignkey")
        batch.add_column(sa.Column("call_off_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("contracting_id", sa.Uuid(), nullable=True))
    with op.batch_alter_table("call_off_body") as batch:
        batch.drop_constraint(op.f("uq_call_off_body_framework_id_organisation_id"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_call_off_body_framework_id_organisation_id_entitled_from"),
            ["framework_id", "organisation_id", "entitled_from"],
        )
        batch.create_unique_constraint(
            op.f("uq_call_off_body_id_framework_id_organisation_id"), ["id", "framework_id", "organisation_id"]
        )
        batch.create_check_constraint(
            op.f("ck_call_off_body_days"), "entitled_to IS NULL OR entitled_to >= entitled_from"
        )
    _unique_while(
        "uq_call_off_body_unending", "call_off_body", ["framework_id", "organisation_id"], sa.text("entitled_to IS NULL")
    )
    op.execute(
        "UPDATE brief SET call_off_id = (SELECT body.id FROM call_off_body body "
        "WHERE body.framework_id = brief.framework_id AND body.organisation_id = brief.raa_id)"
    )
    with op.batch_alter_table("brief") as batch:
        batch.alter_column("call_off_id", existing_type=sa.Uuid(), nullable=False)
        batch.create_foreign_key(
            "fk_brief_call_off",
            "call_off_body",
            ["call_off_id", "framework_id", "raa_id"],
            ["id", "framework_id", "organisation_id"],
        )
        batch.create_foreign_key(
            op.f("fk_brief_contracting_id"), "contracting_authority", ["contracting_id"], ["id"], ondelete="RESTRICT"
        )
    if op.get_bind().dialect.name == "sqlite":
        for name, moment in (("added", "INSERT"), ("changed", "UPDATE OF published_at, call_off_id")):
            op.execute(
                f"CREATE TRIGGER brief_entitled_when_{name} BEFORE {moment} ON brief "
                f"WHEN NEW.published_at IS NOT NULL AND NOT EXISTS ({_ENTITLED.format(day=_DAY_SQLITE)}) "
                "BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ck_brief_entitled'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION brief_refuse_unless_entitled() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF NEW.published_at IS NOT NULL AND NOT EXISTS ({_ENTITLED.format(day=_DAY_POSTGRESQL)}) THEN "
        "RAISE EXCEPTION 'the agency may not call off on the day of publication' "
        "USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_brief_entitled', TABLE = 'brief'; "
        "END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER brief_entitled BEFORE INSERT OR UPDATE OF published_at, call_off_id ON brief "
        "FOR EACH ROW EXECUTE FUNCTION brief_refuse_unless_entitled()"
    )


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")


def _unique_while(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _dated(batch: BatchOperations, table: str) -> None:
    batch.add_column(sa.Column("valid_from", sa.Date(), nullable=True))
    batch.add_column(sa.Column("valid_to", sa.Date(), nullable=True))
    batch.create_check_constraint(op.f(f"ck_{table}_in_order"), _IN_ORDER)


def _hosts_become_rows() -> None:
    """What the reference data called a host; the next loading corrects the rows where they stand."""
    raa = sa.table("raa", *(sa.column(c) for c in ("host", "source", "confidence")), sa.column("id", sa.Uuid()))
    signs = sa.table(
        "contracting_authority",
        sa.column("id", sa.Uuid()),
        sa.column("raa_id", sa.Uuid()),
        *(sa.column(name) for name in ("name", "form", "source", "confidence")),
    )
    hosted = sa.select(raa.c.id, raa.c.host, raa.c.source, raa.c.confidence).where(raa.c.host != "")
    rows = [
        {"id": uuid4(), "raa_id": row.id, "name": row.host, "form": "council", "source": row.source}
        | {"confidence": row.confidence}
        for row in op.get_bind().execute(hosted)
    ]
    if rows:
        op.get_bind().execute(sa.insert(signs), rows)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("added", "changed"):
            op.execute(f"DROP TRIGGER brief_entitled_when_{name}")
    else:
        op.execute("DROP TRIGGER brief_entitled ON brief")
        op.execute("DROP FUNCTION brief_refuse_unless_entitled()")
    with op.batch_alter_table("brief") as batch:
        batch.drop_constraint("fk_brief_call_off", type_="foreignkey")
        batch.drop_constraint(op.f("fk_brief_contracting_id"), type_="foreignkey")
        batch.drop_column("call_off_id")
        batch.drop_column("contracting_id")
    op.drop_table("accession")
    op.drop_table("may_accede")
    op.drop_index("uq_call_off_body_unending", table_name="call_off_body")
    with op.batch_alter_table("call_off_body") as batch:
        batch.drop_constraint(op.f("ck_call_off_body_days"), type_="check")
        batch.drop_constraint(op.f("uq_call_off_body_id_framework_id_organisation_id"), type_="unique")
        batch.drop_constraint(op.f("uq_call_off_body_framework_id_organisation_id_entitled_from"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_call_off_body_framework_id_organisation_id"), ["framework_id", "organisation_id"]
        )
    with op.batch_alter_table("brief") as batch:
        batch.create_foreign_key(
            "fk_brief_call_off", "call_off_body", ["framework_id", "raa_id"], ["framework_id", "organisation_id"]
        )
    op.drop_index("uq_raa_authority_standing", table_name="raa_authority")
    with op.batch_alter_table("raa_authority") as batch:
        batch.drop_index(op.f("ix_raa_authority_change_id"))
        batch.drop_constraint(op.f("ck_raa_authority_in_order"), type_="check")
        batch.drop_constraint(op.f("fk_raa_authority_change_id"), type_="foreignkey")
        batch.drop_column("change_id")
        batch.create_unique_constraint(op.f("uq_raa_authority_raa_id_authority_id"), ["raa_id", "authority_id"])
    for table in ("raa_pan_region", "raa"):
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_in_order"), type_="check")
            batch.drop_column("valid_from")
            batch.drop_column("valid_to")
    with op.batch_alter_table("raa") as batch:
        batch.add_column(sa.Column("host", _STRING(length=120), nullable=False, server_default=""))
    op.drop_table("contracting_authority")
    op.drop_table("raa_successor")
    op.drop_table("directory_change")
