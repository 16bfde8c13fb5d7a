"""Each document's bytes have a row of their own, with the wrapped key that opens them; how often each scan was tried."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from app.core.rows import new_id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_blob",
        sa.Column("key", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("bound_to", sa.Uuid(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("prefix", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column("stored_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("condemned_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_stored_blob")),
    )
    with op.batch_alter_table("stored_blob", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stored_blob_condemned_at"), ["condemned_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_stored_blob_key_id"), ["key_id"], unique=False)
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.add_column(sa.Column("scan_attempts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index(batch_op.f("ix_document_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_document_blob_key"), ["blob_key"], unique=False)
    _name_what_is_stored()


def _name_what_is_stored() -> None:
    """Bytes from before are plain: no wrapped key. `documents rotate` encrypts them."""
    document, blob = (sa.table(name, *map(sa.column, columns)) for name, columns in _COLUMNS.items())
    document.c.uploaded_at.type = blob.c.stored_at.type = sqlmodel.sql.sqltypes.UTCDateTime()
    blob.c.bound_to.type = sa.Uuid()
    rows = op.get_bind().execute(sa.select(*document.c).where(document.c.scan_state != "infected"))
    named = {row.blob_key: row for row in rows}
    if named:
        op.bulk_insert(
            blob,
            [
                {
                    "key": row.blob_key,
                    "bound_to": new_id(),
                    "sha256": row.sha256,
                    "size": row.size,
                    "prefix": b"",
                    "wrapped_key": None,
                    "key_id": "",
                    "stored_at": row.uploaded_at,
                    "condemned_at": None,
                }
                for row in named.values()
            ],
        )


_COLUMNS = {
    "document": ("blob_key", "sha256", "size", "uploaded_at", "scan_state"),
    "stored_blob": (
        "key",
        "bound_to",
        "sha256",
        "size",
        "prefix",
        "wrapped_key",
        "key_id",
        "stored_at",
        "condemned_at",
    ),
}


def downgrade() -> None:
    keys = op.get_bind().execute(sa.text("SELECT count(*) FROM stored_blob WHERE wrapped_key IS NOT NULL")).scalar_one()
    if keys:
        raise RuntimeError(f"{keys} documents would be lost with their keys: stay at 0003, or empty the store first")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_blob_key"))
        batch_op.drop_index(batch_op.f("ix_document_sha256"))
        batch_op.drop_column("scan_attempts")
    op.drop_table("stored_blob")
