"""Letters give the reason of an award out of rank. Those of awards proposed so far were written for the agency alone.

Where the column says nothing, the reason is not told.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("award", sa.Column("reason_is_told", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("award", "reason_is_told")
