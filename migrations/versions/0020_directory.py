"""Indexes of the directory of approved providers, lists of members from a spreadsheet, rounds extended and cancelled."""

from datetime import timedelta

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_organisation_kind_name", "organisation", ["kind", "name", "id"])
    op.drop_index(op.f("ix_organisation_kind"), "organisation")
    op.create_index("ix_provider_offer_value", "provider_offer", ["aspect", "value"])
    op.create_index(
        "ix_provider_reach_from",
        "provider_reach",
        ["travels_from"],
        postgresql_ops={"travels_from": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_provider_therapy_therapy_slug"), "provider_therapy", ["therapy_slug"])
    with op.batch_alter_table("evidence_item") as batch:
        batch.add_column(sa.Column("stated_by_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_evidence_item_stated_by_id"), "organisation", ["stated_by_id"], ["id"], ondelete="RESTRICT"
        )
    op.create_table(
        "member_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("read_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("read_by", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.CheckConstraint("agreed_by IS NULL OR agreed_by <> read_by", name=op.f("ck_member_import_two_people")),
        sa.CheckConstraint(
            "(agreed_at IS NULL) = (agreed_by IS NULL)", name=op.f("ck_member_import_agreed_by_somebody")
        ),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_member_import_framework_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["read_by"], ["person.id"], name=op.f("fk_member_import_read_by"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by"], ["person.id"], name=op.f("fk_member_import_agreed_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_import")),
    )
    op.create_index(
        "uq_member_import_waiting",
        "member_import",
        ["framework_id"],
        unique=True,
        sqlite_where=sa.text("agreed_at IS NULL"),
        postgresql_where=sa.text("agreed_at IS NULL"),
    )
    with op.batch_alter_table("round") as batch:
        batch.add_column(sa.Column("cancelled_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch.add_column(sa.Column("cancelled_by", sa.Uuid(), nullable=True))
        batch.add_column(
            sa.Column(
                "cancelled_reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False, server_default=""
            )
        )
        batch.create_foreign_key(
            op.f("fk_round_cancelled_by"), "person", ["cancelled_by"], ["id"], ondelete="RESTRICT"
        )
        batch.drop_constraint(op.f("ck_round_window"), type_="check")
        batch.create_check_constraint("window", "closes_at > opens_at OR cancelled_at IS NOT NULL")
        batch.create_check_constraint(
            "cancelled_by_somebody",
            "(cancelled_at IS NULL) = (cancelled_by IS NULL) AND (cancelled_at IS NULL) = (cancelled_reason = '')",
        )
    with op.batch_alter_table("round") as batch:
        batch.alter_column("cancelled_reason", server_default=None)
    op.create_table(
        "round_extension",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("closes_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("closes_at > closed_at", name=op.f("ck_round_extension_later")),
        sa.CheckConstraint("at < closed_at", name=op.f("ck_round_extension_before_the_close")),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_round_extension_says_why")),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_round_extension_round_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name=op.f("fk_round_extension_by"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_extension")),
    )
    op.create_index(op.f("ix_round_extension_round_id"), "round_extension", ["round_id"])


def downgrade() -> None:
    op.drop_table("round_extension")
    _open_before_the_close()
    with op.batch_alter_table("round") as batch:
        batch.drop_constraint(op.f("ck_round_cancelled_by_somebody"), type_="check")
        batch.drop_constraint(op.f("ck_round_window"), type_="check")
        batch.create_check_constraint("window", "closes_at > opens_at")
        batch.drop_constraint(op.f("fk_round_cancelled_by"), type_="foreignkey")
        batch.drop_column("cancelled_reason")
        batch.drop_column("cancelled_by")
        batch.drop_column("cancelled_at")
    op.drop_table("member_import")
    with op.batch_alter_table("evidence_item") as batch:
        batch.drop_constraint(op.f("fk_evidence_item_stated_by_id"), type_="foreignkey")
        batch.drop_column("stated_by_id")
    op.drop_index(op.f("ix_provider_therapy_therapy_slug"), "provider_therapy")
    op.drop_index("ix_provider_reach_from", "provider_reach")
    op.drop_index("ix_provider_offer_value", "provider_offer")
    op.create_index(op.f("ix_organisation_kind"), "organisation", ["kind"])
    op.drop_index("ix_organisation_kind_name", "organisation")


def _open_before_the_close() -> None:
    """A round that was cancelled before it opened stays closed: as one that opened a second before that."""
    moment = sqlmodel.sql.sqltypes.UTCDateTime()
    of = sa.table("round", sa.column("id", sa.Uuid()), sa.column("opens_at", moment), sa.column("closes_at", moment))
    closed = op.get_bind().execute(sa.select(of.c.id, of.c.closes_at).where(of.c.closes_at <= of.c.opens_at)).all()
    for round_id, closes_at in closed:
        op.execute(of.update().where(of.c.id == round_id).values(opens_at=closes_at - timedelta(seconds=1)))
