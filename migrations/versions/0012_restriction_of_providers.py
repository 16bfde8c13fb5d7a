"""Restricting a provider by two people, and telling the agencies that rely on it."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('provider_restriction',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
    sa.Column('told', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.Column('contact', sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
    sa.Column('proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=False),
    sa.Column('began_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('began_by', sa.Uuid(), nullable=True),
    sa.Column('declined_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('declined_by', sa.Uuid(), nullable=True),
    sa.Column('lift_proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lift_proposed_by', sa.Uuid(), nullable=True),
    sa.Column('lift_reason', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.Column('lifted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lifted_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("lift_proposed_at IS NULL OR (began_at IS NOT NULL AND lift_reason <> '')", name=op.f('ck_provider_restriction_lift_says_why')),
    sa.CheckConstraint("reason in ('safeguarding', 'fraud', 'insolvency', 'registration', 'exclusion')", name=op.f('ck_provider_restriction_reason')),
    sa.CheckConstraint("words <> '' AND told <> '' AND contact <> ''", name=op.f('ck_provider_restriction_says_why')),
    sa.CheckConstraint('(began_at IS NULL) = (began_by IS NULL)', name=op.f('ck_provider_restriction_began_by_somebody')),
    sa.CheckConstraint('(declined_at IS NULL) = (declined_by IS NULL)', name=op.f('ck_provider_restriction_declined_by_somebody')),
    sa.CheckConstraint('(lift_proposed_at IS NULL) = (lift_proposed_by IS NULL)', name=op.f('ck_provider_restriction_lift_proposed_by_somebody')),
    sa.CheckConstraint('(lifted_at IS NULL) = (lifted_by IS NULL)', name=op.f('ck_provider_restriction_lifted_by_somebody')),
    sa.CheckConstraint('began_at IS NULL OR declined_at IS NULL', name=op.f('ck_provider_restriction_one_decision')),
    sa.CheckConstraint('began_by IS NULL OR began_by <> proposed_by', name=op.f('ck_provider_restriction_two_people')),
    sa.CheckConstraint('lifted_by IS NULL OR (lift_proposed_by IS NOT NULL AND lifted_by <> lift_proposed_by)', name=op.f('ck_provider_restriction_lifted_by_two_people')),
    sa.ForeignKeyConstraint(['began_by'], ['person.id'], name=op.f('fk_provider_restriction_began_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['declined_by'], ['person.id'], name=op.f('fk_provider_restriction_declined_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['lift_proposed_by'], ['person.id'], name=op.f('fk_provider_restriction_lift_proposed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['lifted_by'], ['person.id'], name=op.f('fk_provider_restriction_lifted_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['proposed_by'], ['person.id'], name=op.f('fk_provider_restriction_proposed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_provider_restriction_provider_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_provider_restriction'))
    )
    with op.batch_alter_table('provider_restriction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_provider_restriction_provider_id'), ['provider_id'], unique=False)
        batch_op.create_index('uq_provider_restriction_live', ['provider_id'], unique=True, sqlite_where=sa.text('declined_at IS NULL AND lifted_at IS NULL'), postgresql_where=sa.text('declined_at IS NULL AND lifted_at IS NULL'))

    op.create_table('restriction_notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('restriction_id', sa.Uuid(), nullable=False),
    sa.Column('lifted', sa.Boolean(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('read_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('read_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('(read_at IS NULL) = (read_by IS NULL)', name=op.f('ck_restriction_notice_read_by_somebody')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_restriction_notice_organisation_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['read_by'], ['person.id'], name=op.f('fk_restriction_notice_read_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['restriction_id'], ['provider_restriction.id'], name=op.f('fk_restriction_notice_restriction_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restriction_notice')),
    sa.UniqueConstraint('organisation_id', 'restriction_id', 'lifted', name=op.f('uq_restriction_notice_organisation_id_restriction_id_lifted'))
    )
    with op.batch_alter_table('restriction_notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_restriction_notice_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_restriction_notice_restriction_id'), ['restriction_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('restriction_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_restriction_notice_restriction_id'))
        batch_op.drop_index(batch_op.f('ix_restriction_notice_organisation_id'))

    op.drop_table('restriction_notice')
    with op.batch_alter_table('provider_restriction', schema=None) as batch_op:
        batch_op.drop_index('uq_provider_restriction_live', sqlite_where=sa.text('declined_at IS NULL AND lifted_at IS NULL'), postgresql_where=sa.text('declined_at IS NULL AND lifted_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_provider_restriction_provider_id'))

    op.drop_table('provider_restriction')
