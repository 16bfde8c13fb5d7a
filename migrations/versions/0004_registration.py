"""Registration: more official numbers, the national record, and a pause that ends by itself."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("ppon", sqlmodel.sql.sqltypes.AutoString(length=20)),
    ("ofsted_urn", sqlmodel.sql.sqltypes.AutoString(length=10)),
    ("ico_number", sqlmodel.sql.sqltypes.AutoString(length=10)),
    ("share_code", sqlmodel.sql.sqltypes.AutoString(length=12)),
    ("record_confirmed_on", sa.Date()),
    ("numbers_told_at", sqlmodel.sql.sqltypes.UTCDateTime()),
    ("paused_until", sa.Date()),
)
_UNIQUE = ("ppon", "ofsted_urn", "ico_number")


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("provider", sa.Column(name, kind, nullable=True))
    for name in _UNIQUE:
        op.create_index(f"uq_provider_{name}", "provider", [name], unique=True)
    # Whoever registered before was asked for every number there was then.
    op.execute("UPDATE provider SET numbers_told_at = registered_at")


def downgrade() -> None:
    for name in _UNIQUE:
        op.drop_index(f"uq_provider_{name}", table_name="provider")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("provider", name)
