"""Prices sealed apart and opened after the quality, and published briefs that two people cancel.

Where a brief with two envelopes was opened before there was a second one, its prices were opened with its bids. Such briefs
that are awarded are set aside while the constraints are made, which look at every row.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_CHECKS = (
    "CONSTRAINT ck_brief_prices_after_quality CHECK"
    " (prices_opened_at IS NULL OR (two_envelopes AND opened_at IS NOT NULL AND prices_opened_at >= opened_at))"
    " CONSTRAINT ck_brief_awarded_after_prices CHECK"
    " (awarded_at IS NULL OR NOT two_envelopes OR prices_opened_at IS NOT NULL)"
)
_AWARDED = "SELECT id FROM brief WHERE two_envelopes AND awarded_at IS NOT NULL"
_WAITS = sa.text("agreed_at IS NULL AND dropped_at IS NULL")


def upgrade() -> None:
    awarded = [str(row) for row in op.get_bind().execute(sa.text(_AWARDED)).scalars()]
    op.execute("UPDATE brief SET two_envelopes = false WHERE awarded_at IS NOT NULL")
    moment = sqlmodel.sql.sqltypes.UTCDateTime().compile(dialect=op.get_bind().dialect)
    op.execute(f"ALTER TABLE brief ADD COLUMN prices_opened_at {moment} {_CHECKS}")
    for brief_id in awarded:
        op.execute(f"UPDATE brief SET two_envelopes = true, prices_opened_at = opened_at WHERE id = '{brief_id}'")  # noqa: S608
    op.execute("UPDATE brief SET prices_opened_at = opened_at WHERE two_envelopes AND opened_at IS NOT NULL")
    with op.batch_alter_table("bid_letter") as batch_op:
        batch_op.add_column(sa.Column("price_ciphertext", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("price_wrap", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("price_key", sa.LargeBinary(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_bid_letter_price_wrapped"), "(price_ciphertext IS NULL) = (price_wrap IS NULL)"
        )
        batch_op.create_check_constraint(
            op.f("ck_bid_letter_price_after_quality"),
            "price_key IS NULL OR (price_wrap IS NOT NULL AND wrapped_key IS NOT NULL)",
        )
    op.create_table(
        "quality_assessed",
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("witness", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["brief.id"], name=op.f("fk_quality_assessed_brief_id_brief"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by"], ["person.id"], name=op.f("fk_quality_assessed_by_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("brief_id", name=op.f("pk_quality_assessed")),
    )
    op.create_table(
        "price_approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("witness", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["brief_id"],
            ["quality_assessed.brief_id"],
            name=op.f("fk_price_approval_brief_id_quality_assessed"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_price_approval_person_id_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_approval")),
        sa.UniqueConstraint("brief_id", "person_id", name=op.f("uq_price_approval_brief_id_person_id")),
        sa.UniqueConstraint("brief_id", "position", name=op.f("uq_price_approval_brief_id_position")),
    )
    op.create_table(
        "brief_cancellation",
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("no_suitable_bid", sa.Boolean(), nullable=False),
        sa.Column("declined_by", sa.Uuid(), nullable=True),
        sa.Column("declined_reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.CheckConstraint("agreed_by <> asked_by", name=op.f("ck_brief_cancellation_two_people")),
        sa.CheckConstraint(
            "agreed_at IS NULL OR dropped_at IS NULL", name=op.f("ck_brief_cancellation_agreed_or_dropped")
        ),
        sa.CheckConstraint(
            "(agreed_at IS NULL) = (agreed_by IS NULL)", name=op.f("ck_brief_cancellation_agreed_by_somebody")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_brief_cancellation_reasoned")),
        sa.CheckConstraint(
            "declined_by IS NULL OR (dropped_at IS NOT NULL AND declined_reason <> '' AND declined_by <> asked_by)",
            name=op.f("ck_brief_cancellation_declined_by_another"),
        ),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["brief.id"], name=op.f("fk_brief_cancellation_brief_id_brief"), ondelete="RESTRICT"
        ),
        *(
            sa.ForeignKeyConstraint(
                [by], ["person.id"], name=op.f(f"fk_brief_cancellation_{by}_person"), ondelete="RESTRICT"
            )
            for by in ("asked_by", "agreed_by", "declined_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_cancellation")),
    )
    op.create_index(
        "uq_brief_cancellation_waits",
        "brief_cancellation",
        ["brief_id"],
        unique=True,
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )


def downgrade() -> None:
    op.drop_table("brief_cancellation")
    op.drop_table("price_approval")
    op.drop_table("quality_assessed")
    op.execute("DELETE FROM bid_letter WHERE price_ciphertext IS NOT NULL")
    with op.batch_alter_table("bid_letter") as batch_op:
        batch_op.drop_constraint(op.f("ck_bid_letter_price_after_quality"), type_="check")
        batch_op.drop_constraint(op.f("ck_bid_letter_price_wrapped"), type_="check")
        batch_op.drop_column("price_key")
        batch_op.drop_column("price_wrap")
        batch_op.drop_column("price_ciphertext")
    op.drop_column("brief", "prices_opened_at")
