"""In a round that is always open, an application that is decided whole is closed, so that its provider may begin another."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_PARTS = "SELECT 1 FROM application_lot WHERE application_lot.application_id = application.id"
_ANOTHER = (
    "SELECT 1 FROM application AS another WHERE another.provider_id = application.provider_id"
    " AND another.round_id = application.round_id AND another.withdrawn_at IS NULL AND another.started_at > application.started_at"
)


def upgrade() -> None:
    op.drop_index("uq_application_live", table_name="application")
    with op.batch_alter_table("application") as batch_op:
        batch_op.add_column(sa.Column("closed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_application_closed"), "closed_at IS NULL OR (submitted_at IS NOT NULL AND withdrawn_at IS NULL)"
        )
    op.execute(
        "UPDATE application SET closed_at ="
        " (SELECT max(decided_at) FROM application_lot WHERE application_lot.application_id = application.id)"
        " WHERE submitted_at IS NOT NULL AND withdrawn_at IS NULL AND round_id IN (SELECT id FROM round WHERE rolling)"
        f" AND EXISTS ({_PARTS}) AND NOT EXISTS ({_PARTS} AND decision IS NULL)"
    )
    _unique("withdrawn_at IS NULL AND closed_at IS NULL")


def downgrade() -> None:
    """Of several in one round only the last can stay; those before it, decided, count as withdrawn when they closed."""
    op.drop_index("uq_application_live", table_name="application")
    with op.batch_alter_table("application") as batch_op:
        batch_op.drop_constraint(op.f("ck_application_closed"), type_="check")
    op.execute(f"UPDATE application SET withdrawn_at = closed_at WHERE closed_at IS NOT NULL AND EXISTS ({_ANOTHER})")
    op.drop_column("application", "closed_at")
    _unique("withdrawn_at IS NULL")


def _unique(live: str) -> None:
    op.create_index(
        "uq_application_live",
        "application",
        ["provider_id", "round_id"],
        unique=True,
        sqlite_where=sa.text(live),
        postgresql_where=sa.text(live),
    )
