"""An application certified, taken back, restored and carried over; one thing returned to be changed, a refusal looked at again."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_CHECKS = (
    ("ready_by_somebody", "(ready_at IS NULL) = (ready_by IS NULL)"),
    ("certified_by_somebody", "(certified_at IS NULL) = (certified_by IS NULL)"),
    ("certified_by_two", "submitted_at IS NULL OR NOT by_two OR (certified_by IS NOT NULL AND certified_by <> submitted_by)"),
)
_KEYS = (("carried_from", "application"), ("ready_by", "person"), ("certified_by", "person"))
_REVIEW_CHECKS = (
    (
        "review_of_a_refusal",
        "review_asked_at IS NULL OR (decision IS NOT NULL AND decision = 'refused'"
        " AND review_asked_by IS NOT NULL AND review_words <> '')",
    ),
    ("review_outcome", "review_outcome IN ('upheld', 'overturned')"),
    (
        "reviewed_by_somebody_else",
        "review_outcome IS NULL OR (review_asked_at IS NOT NULL AND reviewed_at IS NOT NULL AND review_reason <> ''"
        " AND reviewed_by IS NOT NULL AND reviewed_by <> proposed_by AND reviewed_by <> decided_by)",
    ),
)
_REVIEWERS = ("review_asked_by", "reviewed_by")
_STRING, _MOMENT = sqlmodel.sql.sqltypes.AutoString, sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "earlier_submission",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("submitted_at", _MOMENT(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("snapshot_sha256", _STRING(length=64), nullable=False),
        sa.Column("taken_back_at", _MOMENT(), nullable=False),
        sa.Column("taken_back_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("snapshot_sha256 <> ''", name=op.f("ck_earlier_submission_snapshot")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_earlier_submission_{column}"), ondelete="RESTRICT")
            for column, table in (("application_id", "application"), ("submitted_by", "person"), ("taken_back_by", "person"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_submission")),
    )
    op.create_index(op.f("ix_earlier_submission_application_id"), "earlier_submission", ["application_id"])
    with op.batch_alter_table("application") as batch_op:
        batch_op.add_column(sa.Column("carried_from", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("ready_at", _MOMENT(), nullable=True))
        batch_op.add_column(sa.Column("ready_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("by_two", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("certified_at", _MOMENT(), nullable=True))
        batch_op.add_column(sa.Column("certified_by", sa.Uuid(), nullable=True))
        for name, check in _CHECKS:
            batch_op.create_check_constraint(op.f(f"ck_application_{name}"), check)
        for column, table in _KEYS:
            batch_op.create_foreign_key(op.f(f"fk_application_{column}"), table, [column], ["id"], ondelete="RESTRICT")
    with op.batch_alter_table("application") as batch_op:
        batch_op.alter_column("by_two", server_default=None)
    with op.batch_alter_table("application_lot") as batch_op:
        batch_op.add_column(sa.Column("review_asked_at", _MOMENT(), nullable=True))
        batch_op.add_column(sa.Column("review_asked_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("review_words", _STRING(length=2000), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("review_outcome", _STRING(length=20), nullable=True))
        batch_op.add_column(sa.Column("review_reason", _STRING(length=2000), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("reviewed_at", _MOMENT(), nullable=True))
        batch_op.add_column(sa.Column("reviewed_by", sa.Uuid(), nullable=True))
        for name, check in _REVIEW_CHECKS:
            batch_op.create_check_constraint(op.f(f"ck_application_lot_{name}"), check)
        for column in _REVIEWERS:
            batch_op.create_foreign_key(
                op.f(f"fk_application_lot_{column}"), "person", [column], ["id"], ondelete="RESTRICT"
            )
    with op.batch_alter_table("application_lot") as batch_op:
        for column in ("review_words", "review_reason"):
            batch_op.alter_column(column, server_default=None)
    op.create_table(
        "returned_item",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_id", sa.Uuid(), nullable=False),
        sa.Column("item", _STRING(length=400), nullable=False),
        sa.Column("words", _STRING(length=2000), nullable=False),
        sa.Column("requested_at", _MOMENT(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column("change", _STRING(length=4000), nullable=False),
        sa.Column("made_at", _MOMENT(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("words <> ''", name=op.f("ck_returned_item_says_what")),
        sa.CheckConstraint(
            "(made_at IS NULL AND made_by IS NULL) OR (made_at IS NOT NULL AND made_by IS NOT NULL AND change <> '')",
            name=op.f("ck_returned_item_made_by_somebody"),
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_returned_item_{column}"), ondelete="RESTRICT")
            for column, table in (("application_id", "application"), ("requested_by", "person"), ("made_by", "person"))
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returned_item")),
    )
    op.create_index(op.f("ix_returned_item_application_id"), "returned_item", ["application_id"])
    op.create_index(
        "uq_returned_item_open",
        "returned_item",
        ["application_id", "item"],
        unique=True,
        sqlite_where=sa.text("made_at IS NULL"),
        postgresql_where=sa.text("made_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("uq_returned_item_open", table_name="returned_item")
    op.drop_index(op.f("ix_returned_item_application_id"), table_name="returned_item")
    op.drop_table("returned_item")
    with op.batch_alter_table("application_lot") as batch_op:
        for column in _REVIEWERS:
            batch_op.drop_constraint(op.f(f"fk_application_lot_{column}"), type_="foreignkey")
        for name, _ in _REVIEW_CHECKS:
            batch_op.drop_constraint(op.f(f"ck_application_lot_{name}"), type_="check")
        for column in (*_REVIEWERS, "reviewed_at", "review_reason", "review_outcome", "review_words", "review_asked_at"):
            batch_op.drop_column(column)
    with op.batch_alter_table("application") as batch_op:
        for column, _ in _KEYS:
            batch_op.drop_constraint(op.f(f"fk_application_{column}"), type_="foreignkey")
        for name, _ in _CHECKS:
            batch_op.drop_constraint(op.f(f"ck_application_{name}"), type_="check")
        for column in ("certified_by", "certified_at", "by_two", "ready_by", "ready_at", "carried_from"):
            batch_op.drop_column(column)
    op.drop_index(op.f("ix_earlier_submission_application_id"), table_name="earlier_submission")
    op.drop_table("earlier_submission")
