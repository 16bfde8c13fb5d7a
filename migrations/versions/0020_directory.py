"""Indexes by which the directory of approved providers is walked."""

from alembic import op

revision = "0020"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_organisation_kind_name", "organisation", ["kind", "name", "id"])
    op.drop_index(op.f("ix_organisation_kind"), "organisation")
    op.create_index("ix_provider_offer_value", "provider_offer", ["aspect", "value"])
    op.create_index(
        "ix_provider_reach_from",
        "provider_reach",
        ["travels_from"],
        postgresql_ops={"travels_from": "text_pattern_ops"},
    )
    op.create_index(op.f("ix_provider_therapy_therapy_slug"), "provider_therapy", ["therapy_slug"])


def downgrade() -> None:
    op.drop_index(op.f("ix_provider_therapy_therapy_slug"), "provider_therapy")
    op.drop_index("ix_provider_reach_from", "provider_reach")
    op.drop_index("ix_provider_offer_value", "provider_offer")
    op.create_index(op.f("ix_organisation_kind"), "organisation", ["kind"])
    op.drop_index("ix_organisation_kind_name", "organisation")
