"""What the identity guard found and a second person let through."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None

_AT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    op.create_table(
        "text_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(120), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("excerpt", sa.String(400), nullable=False),
        sa.Column("asked_at", _AT(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_reason", sa.String(500), nullable=False),
        sa.Column("released_at", _AT(), nullable=True),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_reason", sa.String(500), nullable=False),
        sa.CheckConstraint(
            "released_by IS NULL OR released_by <> asked_by", name=op.f("ck_text_release_two_people")
        ),
        sa.CheckConstraint(
            "(released_at IS NULL AND released_by IS NULL)"
            " OR (released_at IS NOT NULL AND released_by IS NOT NULL AND released_reason <> '')",
            name=op.f("ck_text_release_released"),
        ),
        *_refers("text_release", brief_id="brief.id", asked_by="person.id", released_by="person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_release")),
        sa.UniqueConstraint("brief_id", "text_sha256", "kind", "excerpt", name=op.f("uq_text_release_brief_id_text_sha256_kind_excerpt")),
    )


def downgrade() -> None:
    op.drop_table("text_release")


def _refers(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}"), ondelete="RESTRICT")
        for name, target in columns.items()
    ]
