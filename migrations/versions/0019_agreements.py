"""Agreements that the framework's lead countersigns or puts on hold, their new versions, and members' prices.

Frameworks of before want no countersignature.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('framework', schema=None) as batch_op:
        batch_op.add_column(sa.Column('countersigned', sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table('framework', schema=None) as batch_op:
        batch_op.alter_column('countersigned', server_default=None)

    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.add_column(sa.Column('countersigned_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('countersigned_by', sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_membership_countersigned_by'), 'person', ['countersigned_by'], ['id'], ondelete='RESTRICT')
        batch_op.create_check_constraint('countersigned_by_somebody', '(countersigned_at IS NULL) = (countersigned_by IS NULL)')
        batch_op.create_check_constraint('both_sign', 'countersigned_at IS NULL OR (signed_at IS NOT NULL AND signed_by <> countersigned_by)')

    op.create_table('agreement_hold',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('framework_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('review_on', sa.Date(), nullable=False),
    sa.Column('held_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('held_by', sa.Uuid(), nullable=False),
    sa.Column('released_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('released_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_agreement_hold_says_why')),
    sa.CheckConstraint('(released_at IS NULL) = (released_by IS NULL)', name=op.f('ck_agreement_hold_released_by_somebody')),
    sa.ForeignKeyConstraint(['framework_id'], ['framework.id'], name=op.f('fk_agreement_hold_framework_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['held_by'], ['person.id'], name=op.f('fk_agreement_hold_held_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_agreement_hold_provider_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['released_by'], ['person.id'], name=op.f('fk_agreement_hold_released_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_agreement_hold'))
    )
    with op.batch_alter_table('agreement_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_agreement_hold_framework_id'), ['framework_id'], unique=False)
        batch_op.create_index('uq_agreement_hold_standing', ['provider_id', 'framework_id'], unique=True, sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))

    op.create_table('variation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('framework_id', sa.Uuid(), nullable=False),
    sa.Column('version', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(length=20000), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('silence', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('decliners', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=False),
    sa.Column('approved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.Column('withdrawn_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('withdrawn_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("(decliners = 'end') = (ends_on IS NOT NULL)", name=op.f('ck_variation_end_has_a_last_day')),
    sa.CheckConstraint("decliners in ('keep', 'end')", name=op.f('ck_variation_decliners')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_variation_says_why')),
    sa.CheckConstraint("silence in ('agrees', 'declines')", name=op.f('ck_variation_silence')),
    sa.CheckConstraint('(approved_at IS NULL) = (approved_by IS NULL)', name=op.f('ck_variation_approved_by_somebody')),
    sa.CheckConstraint('(withdrawn_at IS NULL) = (withdrawn_by IS NULL)', name=op.f('ck_variation_withdrawn_by_somebody')),
    sa.CheckConstraint('approved_at IS NULL OR withdrawn_at IS NULL', name=op.f('ck_variation_one_answer')),
    sa.CheckConstraint('approved_by IS NULL OR approved_by <> proposed_by', name=op.f('ck_variation_two_people')),
    sa.CheckConstraint('effective_on > answer_by', name=op.f('ck_variation_answered_first')),
    sa.CheckConstraint('ends_on >= effective_on', name=op.f('ck_variation_nothing_ends_before')),
    sa.ForeignKeyConstraint(['approved_by'], ['person.id'], name=op.f('fk_variation_approved_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['framework_id'], ['framework.id'], name=op.f('fk_variation_framework_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['proposed_by'], ['person.id'], name=op.f('fk_variation_proposed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['person.id'], name=op.f('fk_variation_withdrawn_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variation'))
    )
    with op.batch_alter_table('variation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_variation_framework_id'), ['framework_id'], unique=False)
        batch_op.create_index('uq_variation_proposed', ['framework_id'], unique=True, sqlite_where=sa.text('approved_at IS NULL AND withdrawn_at IS NULL'), postgresql_where=sa.text('approved_at IS NULL AND withdrawn_at IS NULL'))

    op.create_table('variation_answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('variation_id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('agrees', sa.Boolean(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_by', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_variation_answer_answered_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_variation_answer_provider_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['variation_id'], ['variation.id'], name=op.f('fk_variation_answer_variation_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_variation_answer')),
    sa.UniqueConstraint('variation_id', 'provider_id', name=op.f('uq_variation_answer_variation_id_provider_id'))
    )
    with op.batch_alter_table('variation_answer', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_variation_answer_provider_id'), ['provider_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_variation_answer_variation_id'), ['variation_id'], unique=False)

    op.create_table('member_rate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('unit', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('pence', sa.BigInteger(), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('by_lead', sa.Boolean(), nullable=False),
    sa.Column('proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=False),
    sa.Column('agreed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('agreed_by', sa.Uuid(), nullable=True),
    sa.Column('declined_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('declined_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint("unit in ('hour', 'session', 'assessment', 'day', 'place', 'overnight', 'mile', 'cancellation', 'report', 'no_show')", name=op.f('ck_member_rate_unit')),
    sa.CheckConstraint('(agreed_at IS NULL) = (agreed_by IS NULL)', name=op.f('ck_member_rate_agreed_by_somebody')),
    sa.CheckConstraint('(declined_at IS NULL) = (declined_by IS NULL)', name=op.f('ck_member_rate_declined_by_somebody')),
    sa.CheckConstraint('agreed_at IS NULL OR declined_at IS NULL', name=op.f('ck_member_rate_one_answer')),
    sa.CheckConstraint('agreed_by IS NULL OR agreed_by <> proposed_by', name=op.f('ck_member_rate_two_people')),
    sa.CheckConstraint('pence > 0', name=op.f('ck_member_rate_pence')),
    sa.ForeignKeyConstraint(['agreed_by'], ['person.id'], name=op.f('fk_member_rate_agreed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['declined_by'], ['person.id'], name=op.f('fk_member_rate_declined_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_member_rate_lot_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['proposed_by'], ['person.id'], name=op.f('fk_member_rate_proposed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_member_rate_provider_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_member_rate'))
    )
    with op.batch_alter_table('member_rate', schema=None) as batch_op:
        batch_op.create_index('ix_member_rate_card', ['provider_id', 'lot_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_member_rate_lot_id'), ['lot_id'], unique=False)
        batch_op.create_index('uq_member_rate_asked', ['provider_id', 'lot_id', 'unit'], unique=True, sqlite_where=sa.text('agreed_at IS NULL AND declined_at IS NULL'), postgresql_where=sa.text('agreed_at IS NULL AND declined_at IS NULL'))



def downgrade() -> None:
    with op.batch_alter_table('member_rate', schema=None) as batch_op:
        batch_op.drop_index('uq_member_rate_asked', sqlite_where=sa.text('agreed_at IS NULL AND declined_at IS NULL'), postgresql_where=sa.text('agreed_at IS NULL AND declined_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_member_rate_lot_id'))
        batch_op.drop_index('ix_member_rate_card')

    op.drop_table('member_rate')
    with op.batch_alter_table('variation_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_variation_answer_variation_id'))
        batch_op.drop_index(batch_op.f('ix_variation_answer_provider_id'))

    op.drop_table('variation_answer')
    with op.batch_alter_table('variation', schema=None) as batch_op:
        batch_op.drop_index('uq_variation_proposed', sqlite_where=sa.text('approved_at IS NULL AND withdrawn_at IS NULL'), postgresql_where=sa.text('approved_at IS NULL AND withdrawn_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_variation_framework_id'))

    op.drop_table('variation')
    with op.batch_alter_table('agreement_hold', schema=None) as batch_op:
        batch_op.drop_index('uq_agreement_hold_standing', sqlite_where=sa.text('released_at IS NULL'), postgresql_where=sa.text('released_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_agreement_hold_framework_id'))

    op.drop_table('agreement_hold')
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_constraint('both_sign', type_='check')
        batch_op.drop_constraint('countersigned_by_somebody', type_='check')
        batch_op.drop_constraint(batch_op.f('fk_membership_countersigned_by'), type_='foreignkey')
        batch_op.drop_column('countersigned_by')
        batch_op.drop_column('countersigned_at')

    with op.batch_alter_table('framework', schema=None) as batch_op:
        batch_op.drop_column('countersigned')
