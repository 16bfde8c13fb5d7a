"""An approver says that words the identity guard found must be changed, and why; and a writer asks for approval of a draft.

Nobody has asked for approval of a draft that is there already: its writer does.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

_DECLINED = (
    "(declined_at IS NULL AND declined_by IS NULL) OR (declined_at IS NOT NULL AND declined_by IS NOT NULL"
    " AND declined_by <> asked_by AND declined_reason <> '' AND released_at IS NULL)"
)


def upgrade() -> None:
    moment = sqlmodel.sql.sqltypes.UTCDateTime().compile(dialect=op.get_bind().dialect)
    op.execute(f"ALTER TABLE brief ADD COLUMN approval_asked_at {moment}")
    with op.batch_alter_table("text_release") as batch_op:
        batch_op.add_column(sa.Column("declined_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column("declined_by", sa.Uuid(), nullable=True))
        batch_op.add_column(
            sa.Column(
                "declined_reason", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False, server_default=""
            )
        )
        batch_op.create_foreign_key(
            op.f("fk_text_release_declined_by_person"), "person", ["declined_by"], ["id"], ondelete="RESTRICT"
        )
        batch_op.create_check_constraint(op.f("ck_text_release_declined"), _DECLINED)
    with op.batch_alter_table("text_release") as batch_op:
        batch_op.alter_column("declined_reason", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("text_release") as batch_op:
        batch_op.drop_constraint(op.f("ck_text_release_declined"), type_="check")
        batch_op.drop_constraint(op.f("fk_text_release_declined_by_person"), type_="foreignkey")
        batch_op.drop_column("declined_reason")
        batch_op.drop_column("declined_by")
        batch_op.drop_column("declined_at")
    op.drop_column("brief", "approval_asked_at")
