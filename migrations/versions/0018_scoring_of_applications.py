"""Assessors of rounds, what they declare, their marks of applications, the agreed marks, and the reasons that settle ties."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_STRING, _MOMENT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
_INDEXED = (
    ("round_assessor", "person_id"),
    ("applicant_declaration", "provider_id"),
    ("score_sheet", "application_id"),
    ("application_score", "question_id"),
    ("agreed_mark", "question_id"),
)


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=False)


def _keys(table: str, **keys: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")
        for column, to in keys.items()
    ]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _primary(table: str, column: str = "id") -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(column, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "round_assessor",
        _id(),
        _id("round_id"),
        _id("person_id"),
        sa.Column("named_at", _MOMENT(), nullable=False),
        _id("named_by"),
        *_keys("round_assessor", round_id="round", person_id="person", named_by="person"),
        _primary("round_assessor"),
        _unique("round_assessor", "round_id", "person_id"),
    )
    op.create_table(
        "applicant_declaration",
        _id(),
        _id("assessor_id"),
        _id("provider_id"),
        sa.Column("nature", _STRING(length=500), nullable=False),
        sa.Column("declared_at", _MOMENT(), nullable=False),
        *_keys("applicant_declaration", assessor_id="round_assessor", provider_id="provider"),
        _primary("applicant_declaration"),
        _unique("applicant_declaration", "assessor_id", "provider_id"),
    )
    op.create_table(
        "score_sheet",
        _id(),
        _id("assessor_id"),
        _id("application_id"),
        sa.Column("snapshot_sha256", _STRING(length=64), nullable=False),
        sa.Column("submitted_at", _MOMENT(), nullable=True),
        *_keys("score_sheet", assessor_id="round_assessor", application_id="application"),
        _primary("score_sheet"),
        _unique("score_sheet", "assessor_id", "application_id", "snapshot_sha256"),
    )
    op.create_table(
        "application_score",
        _id(),
        _id("sheet_id"),
        _id("question_id"),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", _STRING(length=2000), nullable=False),
        sa.Column("scored_at", _MOMENT(), nullable=False),
        _check("application_score", "points", "points BETWEEN 0 AND 5"),
        _check("application_score", "reasoned", "reason <> ''"),
        *_keys("application_score", sheet_id="score_sheet", question_id="question"),
        _primary("application_score"),
        _unique("application_score", "sheet_id", "question_id"),
    )
    op.create_table(
        "agreed_mark",
        _id(),
        _id("application_id"),
        sa.Column("snapshot_sha256", _STRING(length=64), nullable=False),
        _id("question_id"),
        sa.Column("lowest", sa.Integer(), nullable=False),
        sa.Column("highest", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("note", _STRING(length=2000), nullable=False),
        sa.Column("agreed_at", _MOMENT(), nullable=False),
        _id("agreed_by"),
        _check("agreed_mark", "given", "0 <= lowest AND lowest <= highest AND highest <= 5"),
        _check("agreed_mark", "points", "points BETWEEN 0 AND 5"),
        _check(
            "agreed_mark",
            "noted_when_apart",
            "note <> '' OR (highest - lowest < 2 AND points BETWEEN lowest AND highest)",
        ),
        *_keys("agreed_mark", application_id="application", question_id="question", agreed_by="person"),
        _primary("agreed_mark"),
        _unique("agreed_mark", "application_id", "snapshot_sha256", "question_id"),
    )
    op.create_table(
        "tie_break",
        _id("part_id"),
        sa.Column("reason", _STRING(length=2000), nullable=False),
        sa.Column("broken_at", _MOMENT(), nullable=False),
        _id("broken_by"),
        _check("tie_break", "reasoned", "reason <> ''"),
        sa.ForeignKeyConstraint(["part_id"], ["application_lot.id"], name=op.f("fk_tie_break_part_id")),
        *_keys("tie_break", broken_by="person"),
        _primary("tie_break", "part_id"),
    )
    for table, column in _INDEXED:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def downgrade() -> None:
    for table, column in _INDEXED:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
    for table in (
        "tie_break", "agreed_mark", "application_score", "score_sheet", "applicant_declaration", "round_assessor",
    ):  # fmt: skip
        op.drop_table(table)
