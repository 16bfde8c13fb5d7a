"""Letters give the reason of an award out of rank, and a first approval of a draft ends as soon as the draft is changed.

The reasons of awards proposed so far were written for the agency alone: where the column says nothing, none is told. Approvals
given before their draft was last saved were kept, and counted no more: they go, and nobody is told of them later as of approvals
that end then.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_LAPSED = """
    DELETE FROM brief_approval
    WHERE brief_id IN (SELECT id FROM brief WHERE published_at IS NULL)
    AND EXISTS (
        SELECT position FROM audit_event
        WHERE subject_id = brief_approval.brief_id AND name = 'brief.revised' AND audit_event.at > brief_approval.at
    )
"""


def upgrade() -> None:
    op.add_column("award", sa.Column("reason_is_told", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(_LAPSED)


def downgrade() -> None:
    op.drop_column("award", "reason_is_told")
