"""Keys to which bids are sealed, letters under them, proofs of approvals, and signed receipts.

Letters from before stay as they are: they have none of the new wraps, and open by the portal's own key.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0025"
down_revision = "0022"
branch_labels = None
depends_on = None

WRAPS = ("brief_wrap", "own_wrap", "session_wrap")


def upgrade() -> None:
    op.create_table(
        "sealing_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("holder", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_private", sa.LargeBinary(), nullable=False),
        sa.Column("master_key_id", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("not_before", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("created_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("holder in ('brief', 'organisation')", name=op.f("ck_sealing_key_holder")),
        sa.CheckConstraint(
            "(holder = 'brief') = (not_before IS NOT NULL)", name=op.f("ck_sealing_key_not_before")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealing_key")),
        sa.UniqueConstraint("holder", "holder_id", name=op.f("uq_sealing_key_holder_holder_id")),
    )
    op.create_index(op.f("ix_sealing_key_master_key_id"), "sealing_key", ["master_key_id"])
    with op.batch_alter_table("bid_letter") as batch_op:
        for name in WRAPS:
            batch_op.add_column(sa.Column(name, sa.LargeBinary(), nullable=True))
        batch_op.alter_column("wrapped_key", existing_type=sa.LargeBinary(), nullable=True)
        batch_op.create_check_constraint(
            op.f("ck_bid_letter_has_a_key"),
            "wrapped_key IS NOT NULL OR (brief_wrap IS NOT NULL AND own_wrap IS NOT NULL)",
        )
    op.add_column(
        "opening_approval",
        sa.Column("witness", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False, server_default=""),
    )
    op.add_column(
        "opening_approval",
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False, server_default=""),
    )
    op.add_column(
        "bid_receipt",
        sa.Column("key_id", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, server_default=""),
    )
    op.add_column(
        "bid_receipt",
        sa.Column("signature", sqlmodel.sql.sqltypes.AutoString(length=88), nullable=False, server_default=""),
    )


def downgrade() -> None:
    """A letter that is still sealed to its brief has no place in the tables before: what was not opened is lost."""
    op.drop_column("bid_receipt", "signature")
    op.drop_column("bid_receipt", "key_id")
    op.drop_column("opening_approval", "reason")
    op.drop_column("opening_approval", "witness")
    op.execute("DELETE FROM bid_letter WHERE wrapped_key IS NULL")
    with op.batch_alter_table("bid_letter") as batch_op:
        batch_op.drop_constraint(op.f("ck_bid_letter_has_a_key"), type_="check")
        batch_op.alter_column("wrapped_key", existing_type=sa.LargeBinary(), nullable=False)
        for name in WRAPS:
            batch_op.drop_column(name)
    op.drop_index(op.f("ix_sealing_key_master_key_id"), "sealing_key")
    op.drop_table("sealing_key")
