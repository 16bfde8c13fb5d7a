"""Answers that go out by themselves with the amendment for which they wait."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("clarification_answer") as batch_op:
        batch_op.add_column(sa.Column("waits", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_check_constraint(
            op.f("ck_clarification_answer_waits_to_change"), "NOT waits OR (changes_request AND sent_at IS NULL)"
        )


def downgrade() -> None:
    with op.batch_alter_table("clarification_answer") as batch_op:
        batch_op.drop_constraint(op.f("ck_clarification_answer_waits_to_change"), type_="check")
        batch_op.drop_column("waits")
