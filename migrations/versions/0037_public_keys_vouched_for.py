"""The keyholder vouches for each public key. Those that are there it vouches for as they are first asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("sealing_key") as batch_op:
        batch_op.add_column(sa.Column("word", sa.LargeBinary(), nullable=False, server_default=sa.literal("")))
    with op.batch_alter_table("sealing_key") as batch_op:
        batch_op.alter_column("word", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("sealing_key") as batch_op:
        batch_op.drop_column("word")
