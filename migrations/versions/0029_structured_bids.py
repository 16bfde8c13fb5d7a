"""Partners of a bid, who works on it, and an organisation's library of answers.

What a letter says has grown inside its envelope, where no migration reaches: older letters are read as they were written.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bid_partner",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("agreed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("declined_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(agreed_at IS NULL) = (agreed_by IS NULL)", name=op.f("ck_bid_partner_agreed_by_somebody")
        ),
        sa.CheckConstraint("agreed_at IS NULL OR declined_at IS NULL", name=op.f("ck_bid_partner_one_answer")),
        sa.ForeignKeyConstraint(["bid_id"], ["bid.id"], name=op.f("fk_bid_partner_bid_id_bid"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_bid_partner_provider_id_provider"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_bid_partner_asked_by_person"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["agreed_by"], ["person.id"], name=op.f("fk_bid_partner_agreed_by_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bid_partner")),
        sa.UniqueConstraint("bid_id", "provider_id", name=op.f("uq_bid_partner_bid_id_provider_id")),
    )
    op.create_index(op.f("ix_bid_partner_provider_id"), "bid_partner", ["provider_id"])
    op.create_table(
        "library_answer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("own_wrap", sa.LargeBinary(), nullable=False),
        sa.Column("session_wrap", sa.LargeBinary(), nullable=True),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("kept_by", sa.Uuid(), nullable=False),
        sa.Column("used_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_library_answer_provider_id_provider"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["bid_id"], ["bid.id"], name=op.f("fk_library_answer_bid_id_bid"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["kept_by"], ["person.id"], name=op.f("fk_library_answer_kept_by_person"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_library_answer")),
    )
    op.create_index(op.f("ix_library_answer_provider_id"), "library_answer", ["provider_id"])
    op.create_index(op.f("ix_library_answer_bid_id"), "library_answer", ["bid_id"])
    with op.batch_alter_table("bid") as batch_op:
        batch_op.add_column(sa.Column("assigned_to", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("unsent_told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_bid_assigned_to_person"), "person", ["assigned_to"], ["id"], ondelete="RESTRICT"
        )
        batch_op.create_index(op.f("ix_bid_assigned_to"), ["assigned_to"])


def downgrade() -> None:
    with op.batch_alter_table("bid") as batch_op:
        batch_op.drop_index(op.f("ix_bid_assigned_to"))
        batch_op.drop_constraint(op.f("fk_bid_assigned_to_person"), type_="foreignkey")
        batch_op.drop_column("unsent_told_at")
        batch_op.drop_column("assigned_to")
    op.drop_index(op.f("ix_library_answer_bid_id"), "library_answer")
    op.drop_index(op.f("ix_library_answer_provider_id"), "library_answer")
    op.drop_table("library_answer")
    op.drop_index(op.f("ix_bid_partner_provider_id"), "bid_partner")
    op.drop_table("bid_partner")
