"""Alerts of briefs that could be met by one therapy."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("brief_alert") as batch_op:
        batch_op.add_column(
            sa.Column("therapy_slug", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True)
        )
        batch_op.create_foreign_key(
            op.f("fk_brief_alert_therapy_slug"), "therapy", ["therapy_slug"], ["slug"], ondelete="RESTRICT"
        )


def downgrade() -> None:
    with op.batch_alter_table("brief_alert") as batch_op:
        batch_op.drop_constraint(op.f("fk_brief_alert_therapy_slug"), type_="foreignkey")
        batch_op.drop_column("therapy_slug")
