"""Questions about rounds and briefs, their answers, and who follows them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_STRING, _MOMENT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
_STATES = (
    "draft",
    "asked",
    "returned",
    "private_requested",
    "private_agreed",
    "private_refused",
    "accepted",
    "answer_drafted",
    "answered",
    "corrected",
    "withdrawn",
)
_OF_ONE = "(round_id IS NULL) <> (brief_id IS NULL)"


def _id(name: str = "id", *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _words(name: str, most: int) -> sa.Column:
    return sa.Column(name, _STRING(length=most), nullable=False)


def _moment(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, _MOMENT(), nullable=nullable)


def _keys(table: str, **keys: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")
        for column, to in keys.items()
    ]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _primary(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "clarification",
        _id(),
        _id("round_id", nullable=True),
        _id("brief_id", nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        _words("state", 20),
        _words("original", 4000),
        _words("wording", 4000),
        _words("private_reason", 1000),
        _words("said", 1000),
        _id("asked_by"),
        _id("provider_id", nullable=True),
        _moment("written_at", nullable=False),
        _moment("asked_at"),
        _id("owner_id", nullable=True),
        _moment("answered_at"),
        *_keys(
            "clarification",
            round_id="round",
            brief_id="brief",
            asked_by="person",
            provider_id="provider",
            owner_id="person",
        ),
        _primary("clarification"),
        _check("clarification", "state", f"state in ({', '.join(map(repr, _STATES))})"),
        _check("clarification", "of_one", _OF_ONE),
        _check("clarification", "asked", "asked_at IS NOT NULL OR state IN ('draft', 'withdrawn')"),
        _check("clarification", "worded", "number IS NULL OR wording <> ''"),
        _check("clarification", "private_for_a_reason", "state NOT LIKE 'private%' OR private_reason <> ''"),
        _unique("clarification", "round_id", "number"),
        _unique("clarification", "brief_id", "number"),
    )
    op.create_index(op.f("ix_clarification_asked_by"), "clarification", ["asked_by"])
    op.create_index(op.f("ix_clarification_provider_id"), "clarification", ["provider_id"])
    op.create_table(
        "clarification_answer",
        _id(),
        _id("clarification_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _words("words", 4000),
        sa.Column("changes_request", sa.Boolean(), nullable=False),
        _words("changes", 1000),
        _moment("drafted_at", nullable=False),
        _id("drafted_by"),
        sa.Column("drafted_version", sa.Integer(), nullable=True),
        _moment("sent_at"),
        _id("sent_by", nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        _moment("extends_to"),
        _words("keep_reason", 1000),
        *_keys("clarification_answer", clarification_id="clarification", drafted_by="person", sent_by="person"),
        _primary("clarification_answer"),
        _unique("clarification_answer", "clarification_id", "position"),
        _check("clarification_answer", "says_what_changes", "changes_request = (changes <> '')"),
        _check("clarification_answer", "sent_by_somebody", "(sent_at IS NULL) = (sent_by IS NULL)"),
        _check(
            "clarification_answer",
            "late_moves_or_says_why",
            "NOT late OR extends_to IS NOT NULL OR keep_reason <> ''",
        ),
    )
    op.create_index(op.f("ix_clarification_answer_clarification_id"), "clarification_answer", ["clarification_id"])
    op.create_index(
        "uq_clarification_answer_draft",
        "clarification_answer",
        ["clarification_id"],
        unique=True,
        sqlite_where=sa.text("sent_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "clarification_follow",
        _id(),
        _id("person_id"),
        _id("round_id", nullable=True),
        _id("brief_id", nullable=True),
        _words("label", 200),
        sa.Column("daily", sa.Boolean(), nullable=False),
        _moment("told_until", nullable=False),
        *_keys("clarification_follow", person_id="person", round_id="round", brief_id="brief"),
        _primary("clarification_follow"),
        _check("clarification_follow", "of_one", _OF_ONE),
        _unique("clarification_follow", "round_id", "person_id"),
        _unique("clarification_follow", "brief_id", "person_id"),
    )
    op.create_index(op.f("ix_clarification_follow_person_id"), "clarification_follow", ["person_id"])


def downgrade() -> None:
    op.drop_table("clarification_follow")
    op.drop_table("clarification_answer")
    op.drop_table("clarification")
