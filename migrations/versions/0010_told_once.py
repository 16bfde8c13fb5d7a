"""What an item of evidence is evidence of, since when that was told, and the snapshot that goes with a bid."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("evidence_item") as batch:
        batch.add_column(sa.Column("registration_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("qualification_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("known_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_evidence_item_registration_id"),
            "professional_registration",
            ["registration_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch.create_foreign_key(
            op.f("fk_evidence_item_qualification_id"), "qualification", ["qualification_id"], ["id"], ondelete="SET NULL"
        )
        batch.create_index(op.f("ix_evidence_item_registration_id"), ["registration_id"])
        batch.create_index(op.f("ix_evidence_item_qualification_id"), ["qualification_id"])
    op.create_table(
        "bid_snapshot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("shared_on", sa.Date(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_bid_snapshot_provider_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_snapshot")),
    )
    op.create_index(op.f("ix_bid_snapshot_provider_id"), "bid_snapshot", ["provider_id"])
    with op.batch_alter_table("bid_receipt") as batch:
        batch.add_column(sa.Column("snapshot_id", sa.Uuid(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_bid_receipt_snapshot_id"), "bid_snapshot", ["snapshot_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_index(op.f("ix_bid_receipt_snapshot_id"), ["snapshot_id"])
        batch.add_column(sa.Column("snapshot_sha256", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    with op.batch_alter_table("bid_receipt") as batch:
        batch.drop_column("snapshot_sha256")
        batch.drop_index(op.f("ix_bid_receipt_snapshot_id"))
        batch.drop_constraint(op.f("fk_bid_receipt_snapshot_id"), type_="foreignkey")
        batch.drop_column("snapshot_id")
    op.drop_table("bid_snapshot")
    with op.batch_alter_table("evidence_item") as batch:
        batch.drop_index(op.f("ix_evidence_item_qualification_id"))
        batch.drop_index(op.f("ix_evidence_item_registration_id"))
        batch.drop_constraint(op.f("fk_evidence_item_qualification_id"), type_="foreignkey")
        batch.drop_constraint(op.f("fk_evidence_item_registration_id"), type_="foreignkey")
        batch.drop_column("known_at")
        batch.drop_column("qualification_id")
        batch.drop_column("registration_id")
