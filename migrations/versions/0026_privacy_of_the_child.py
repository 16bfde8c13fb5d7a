"""What the identity guard found and a second person let through; full referrals, and what the winner signs for them."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0026"
down_revision = "0025"
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
    op.create_table(
        "referral_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(20), nullable=False),
        sa.Column("blob_key", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("attached_at", _AT(), nullable=False),
        sa.Column("attached_by", sa.Uuid(), nullable=False),
        sa.Column("scan_state", sa.String(20), nullable=False),
        sa.Column("scanned_at", _AT(), nullable=True),
        sa.Column("withdrawn_at", _AT(), nullable=True),
        sa.CheckConstraint(
            "content in ('referral', 'assessment', 'plan', 'letter', 'words')", name=op.f("ck_referral_document_content")
        ),
        sa.CheckConstraint(
            "scan_state in ('quarantined', 'clean', 'infected', 'scan_failed')",
            name=op.f("ck_referral_document_scan_state"),
        ),
        sa.CheckConstraint("size > 0", name=op.f("ck_referral_document_not_empty")),
        *_refers("referral_document", brief_id="brief.id", attached_by="person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_document")),
        sa.UniqueConstraint("brief_id", "number", name=op.f("uq_referral_document_brief_id_number")),
    )
    op.create_index(op.f("ix_referral_document_scan_state"), "referral_document", ["scan_state"])
    op.create_table(
        "referral_undertaking",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("signed_at", _AT(), nullable=False),
        sa.Column("signed_by", sa.Uuid(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_sha256", sa.String(64), nullable=False),
        *_refers("referral_undertaking", award_id="award.id", provider_id="provider.id", signed_by="person.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_undertaking")),
        sa.UniqueConstraint("award_id", name=op.f("uq_referral_undertaking_award_id")),
    )


def downgrade() -> None:
    op.drop_table("referral_undertaking")
    op.drop_table("referral_document")
    op.drop_table("text_release")


def _refers(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_{table}_{name}"), ondelete="RESTRICT")
        for name, target in columns.items()
    ]
