"""The keyholder vouches for each public key. For those that are there it does so as it starts."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    none = "x''" if op.get_bind().dialect.name == "sqlite" else "''"  # text is not bytes to SQLite
    with op.batch_alter_table("sealing_key") as batch_op:
        batch_op.add_column(sa.Column("word", sa.LargeBinary(), nullable=False, server_default=sa.text(none)))
    with op.batch_alter_table("sealing_key") as batch_op:
        batch_op.alter_column("word", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("sealing_key") as batch_op:
        batch_op.drop_column("word")
