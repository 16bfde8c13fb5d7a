"""Policies of reliance as they were said one after another, what an own check ticked, and who may open a kind's documents."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('reliance_policy', schema=None) as batch_op:
        batch_op.drop_constraint('uq_reliance_policy_organisation_id_kind_slug', type_='unique')
        batch_op.drop_index('uq_reliance_policy_every_kind')
        batch_op.drop_index('ix_reliance_policy_organisation_id')
        batch_op.create_index('ix_reliance_policy_said', ['organisation_id', 'kind_slug', 'set_at'], unique=False)

    with op.batch_alter_table('own_verification', schema=None) as batch_op:
        batch_op.add_column(sa.Column('checklist', sa.JSON(), nullable=False, server_default='{}'))

    with op.batch_alter_table('evidence_kind', schema=None) as batch_op:
        batch_op.add_column(sa.Column('audience', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default='private'))
        batch_op.create_check_constraint('audience', "audience in ('private', 'relying')")
        batch_op.create_check_constraint('narrow_is_private', "audience = 'private' OR sensitivity <> 'criminal-offence'")


def downgrade() -> None:
    op.execute(
        "DELETE FROM reliance_policy WHERE EXISTS (SELECT 1 FROM reliance_policy AS newer "
        "WHERE newer.organisation_id = reliance_policy.organisation_id "
        "AND coalesce(newer.kind_slug, '') = coalesce(reliance_policy.kind_slug, '') "
        "AND (newer.set_at > reliance_policy.set_at OR (newer.set_at = reliance_policy.set_at AND newer.id > reliance_policy.id)))"
    )
    with op.batch_alter_table('evidence_kind', schema=None) as batch_op:
        batch_op.drop_constraint('narrow_is_private', type_='check')
        batch_op.drop_constraint('audience', type_='check')
        batch_op.drop_column('audience')

    with op.batch_alter_table('own_verification', schema=None) as batch_op:
        batch_op.drop_column('checklist')

    with op.batch_alter_table('reliance_policy', schema=None) as batch_op:
        batch_op.drop_index('ix_reliance_policy_said')
        batch_op.create_index('ix_reliance_policy_organisation_id', ['organisation_id'], unique=False)
        batch_op.create_index('uq_reliance_policy_every_kind', ['organisation_id'], unique=True, sqlite_where=sa.text('kind_slug IS NULL'), postgresql_where=sa.text('kind_slug IS NULL'))
        batch_op.create_unique_constraint('uq_reliance_policy_organisation_id_kind_slug', ['organisation_id', 'kind_slug'])
