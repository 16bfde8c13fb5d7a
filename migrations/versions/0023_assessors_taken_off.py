"""An assessor of a round may be taken off with a reason, while what they declared and submitted stays on record."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("round_assessor") as batch_op:
        batch_op.add_column(sa.Column("released_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("released_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("release_reason", sa.String(500), server_default="", nullable=False))
        batch_op.create_foreign_key(
            op.f("fk_round_assessor_released_by_person"), "person", ["released_by"], ["id"], ondelete="RESTRICT"
        )
        batch_op.create_check_constraint(
            op.f("ck_round_assessor_released"),
            "(released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (release_reason = '')",
        )
    with op.batch_alter_table("round_assessor") as batch_op:
        batch_op.alter_column("release_reason", server_default=None)


def downgrade() -> None:
    """Who was taken off is an assessor again."""
    with op.batch_alter_table("round_assessor") as batch_op:
        batch_op.drop_constraint(op.f("ck_round_assessor_released"), type_="check")
        batch_op.drop_constraint(op.f("fk_round_assessor_released_by_person"), type_="foreignkey")
        batch_op.drop_column("release_reason")
        batch_op.drop_column("released_by")
        batch_op.drop_column("released_at")
