"""What applications answer to a framework's questions, and the prices they ask; either may be returned to be changed."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_STRING, _MOMENT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime
_UNITS = (
    "hour", "session", "assessment", "day", "place", "overnight", "mile", "cancellation", "report", "no_show",
)  # fmt: skip


def _keys(table: str, **keys: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="RESTRICT")
        for column, to in keys.items()
    ]


def _longest_change(characters: int) -> None:
    """How long a change may be that was asked for: as long as an answer."""
    with op.batch_alter_table("returned_item") as batch_op:
        batch_op.alter_column("change", type_=_STRING(length=characters), existing_type=_STRING(), existing_nullable=False)


def upgrade() -> None:
    op.create_table(
        "application_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("value", _STRING(length=10_000), nullable=False),
        sa.Column("carried_from", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", _MOMENT(), nullable=True),
        sa.Column("answered_at", _MOMENT(), nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("value <> ''", name=op.f("ck_application_answer_says_something")),
        sa.CheckConstraint(
            "confirmed_at IS NULL OR carried_from IS NOT NULL", name=op.f("ck_application_answer_confirmed_if_carried")
        ),
        *_keys(
            "application_answer",
            application_id="application",
            question_id="question",
            carried_from="application",
            answered_by="person",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_answer")),
        sa.UniqueConstraint("application_id", "question_id", name=op.f("uq_application_answer_application_id_question_id")),
    )
    op.create_index(op.f("ix_application_answer_question_id"), "application_answer", ["question_id"])
    op.create_table(
        "application_rate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("unit", _STRING(length=20), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(f"unit in {_UNITS!r}", name=op.f("ck_application_rate_unit")),
        sa.CheckConstraint("pence > 0", name=op.f("ck_application_rate_pence")),
        *_keys("application_rate", application_id="application", lot_id="lot"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_rate")),
        sa.UniqueConstraint(
            "application_id", "lot_id", "unit", name=op.f("uq_application_rate_application_id_lot_id_unit")
        ),
    )
    op.create_index(op.f("ix_application_rate_lot_id"), "application_rate", ["lot_id"])
    _longest_change(10_000)


def downgrade() -> None:
    op.execute("UPDATE returned_item SET change = substr(change, 1, 4000) WHERE length(change) > 4000")
    _longest_change(4_000)
    op.drop_index(op.f("ix_application_rate_lot_id"), table_name="application_rate")
    op.drop_table("application_rate")
    op.drop_index(op.f("ix_application_answer_question_id"), table_name="application_answer")
    op.drop_table("application_answer")
