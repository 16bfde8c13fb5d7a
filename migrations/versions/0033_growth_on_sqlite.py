"""Indexes by which both databases find their way in a large market, SQLite without statistics too.

SQLite takes it that few rows have any one value of an index: an item that nothing has replaced, a verification at which nobody
looks again, one kind of evidence. Of the first two what is rare alone is indexed, and the third not at all. By the last one
members are counted and put in order without reading them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_evidence_item_kind_slug", "evidence_item")
    op.drop_index("ix_evidence_item_replaced_by_id", "evidence_item")
    op.create_index("ix_evidence_item_replaced", "evidence_item", ["replaced_by_id"], **_where("replaced_by_id IS NOT NULL"))
    op.drop_index("ix_verification_second_look", "verification")
    op.create_index(
        "ix_verification_to_look_at", "verification", ["checker_id", "item_id"], **_where("second_look", "second_look = 1")
    )
    op.drop_index("ix_membership_cell", "membership")
    more = ["framework_id", "provider_id", "ended_at", "ends_on"]
    op.create_index("ix_membership_cell", "membership", ["lot_id", "region_id", "id", *more])


def downgrade() -> None:
    op.drop_index("ix_membership_cell", "membership")
    op.create_index("ix_membership_cell", "membership", ["lot_id", "region_id", "id"])
    op.drop_index("ix_verification_to_look_at", "verification")
    op.create_index("ix_verification_second_look", "verification", ["second_look"])
    op.drop_index("ix_evidence_item_replaced", "evidence_item")
    op.create_index("ix_evidence_item_replaced_by_id", "evidence_item", ["replaced_by_id"])
    op.create_index("ix_evidence_item_kind_slug", "evidence_item", ["kind_slug"])


def _where(words: str, on_sqlite: str = "") -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(on_sqlite or words), "postgresql_where": sa.text(words)}
