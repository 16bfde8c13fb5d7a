"""What a second look undid, each telling of a DBS record, and what a framework's lead decides about files and ratings."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHANGES = "change in ('replaced', 'returned', 'expired', 'undone', 'reinstated')"
CHANGES_BEFORE = "change in ('replaced', 'returned', 'expired')"


def upgrade() -> None:
    with op.batch_alter_table("second_look") as batch:
        batch.add_column(sa.Column("first_replaced", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("second_look") as batch:
        batch.alter_column("first_replaced", server_default=None)
    with op.batch_alter_table("change_notice") as batch:
        batch.drop_constraint(op.f("ck_change_notice_change"), type_="check")
        batch.create_check_constraint(op.f("ck_change_notice_change"), CHANGES)


def downgrade() -> None:
    op.execute("DELETE FROM change_notice WHERE change NOT IN ('replaced', 'returned', 'expired')")
    with op.batch_alter_table("change_notice") as batch:
        batch.drop_constraint(op.f("ck_change_notice_change"), type_="check")
        batch.create_check_constraint(op.f("ck_change_notice_change"), CHANGES_BEFORE)
    with op.batch_alter_table("second_look") as batch:
        batch.drop_column("first_replaced")
