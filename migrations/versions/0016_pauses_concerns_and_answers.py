"""Pauses of one membership, concerns with what is decided about them, and what eligibility answered."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('concern',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('membership_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
    sa.Column('raised_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('raised_by', sa.Uuid(), nullable=False),
    sa.Column('reply_by', sa.Date(), nullable=False),
    sa.Column('reply', sqlmodel.sql.sqltypes.AutoString(length=4000), nullable=False),
    sa.Column('replied_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('replied_by', sa.Uuid(), nullable=True),
    sa.Column('plan', sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
    sa.Column('plan_review_on', sa.Date(), nullable=True),
    sa.Column('planned_by', sa.Uuid(), nullable=True),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('closed_by', sa.Uuid(), nullable=True),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (outcome = '')", name=op.f('ck_concern_closed')),
    sa.CheckConstraint("(plan = '') = (plan_review_on IS NULL) AND (plan = '') = (planned_by IS NULL)", name=op.f('ck_concern_plan')),
    sa.CheckConstraint("(replied_at IS NULL) = (reply = '') AND (replied_at IS NULL) = (replied_by IS NULL)", name=op.f('ck_concern_reply')),
    sa.CheckConstraint("kind in ('performance', 'safeguarding', 'ofsted')", name=op.f('ck_concern_kind')),
    sa.CheckConstraint("words <> ''", name=op.f('ck_concern_says_what')),
    sa.ForeignKeyConstraint(['closed_by'], ['person.id'], name=op.f('fk_concern_closed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['membership_id'], ['membership.id'], name=op.f('fk_concern_membership_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['planned_by'], ['person.id'], name=op.f('fk_concern_planned_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['raised_by'], ['person.id'], name=op.f('fk_concern_raised_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['replied_by'], ['person.id'], name=op.f('fk_concern_replied_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concern'))
    )
    with op.batch_alter_table('concern', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_concern_membership_id'), ['membership_id'], unique=False)

    op.create_table('eligibility_answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('region_id', sa.Uuid(), nullable=False),
    sa.Column('about_id', sa.Uuid(), nullable=False),
    sa.Column('moment', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('practitioner', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('asked_for', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('asked_by', sa.Uuid(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.CheckConstraint("moment in ('start', 'submit', 'close', 'award')", name=op.f('ck_eligibility_answer_moment')),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], name=op.f('fk_eligibility_answer_asked_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_eligibility_answer_lot_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_eligibility_answer_provider_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['region_id'], ['region.id'], name=op.f('fk_eligibility_answer_region_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_eligibility_answer'))
    )
    with op.batch_alter_table('eligibility_answer', schema=None) as batch_op:
        batch_op.create_index('ix_eligibility_answer_about', ['about_id', 'provider_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_eligibility_answer_provider_id'), ['provider_id'], unique=False)

    op.create_table('concern_decision',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('concern_id', sa.Uuid(), nullable=False),
    sa.Column('membership_id', sa.Uuid(), nullable=False),
    sa.Column('choice', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('review_on', sa.Date(), nullable=True),
    sa.Column('proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=False),
    sa.Column('agreed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('agreed_by', sa.Uuid(), nullable=True),
    sa.Column('declined_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('declined_by', sa.Uuid(), nullable=True),
    sa.Column('lifted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lifted_by', sa.Uuid(), nullable=True),
    sa.Column('lift_reason', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.CheckConstraint("choice <> 'end' OR ends_on IS NOT NULL", name=op.f('ck_concern_decision_end_has_a_last_day')),
    sa.CheckConstraint("choice <> 'suspend' OR ends_on IS NOT NULL OR review_on IS NOT NULL", name=op.f('ck_concern_decision_suspension_has_a_day')),
    sa.CheckConstraint("choice in ('suspend', 'end')", name=op.f('ck_concern_decision_choice')),
    sa.CheckConstraint("lifted_at IS NULL OR (agreed_at IS NOT NULL AND lift_reason <> '')", name=op.f('ck_concern_decision_lift_says_why')),
    sa.CheckConstraint("reason <> ''", name=op.f('ck_concern_decision_says_why')),
    sa.CheckConstraint('(agreed_at IS NULL) = (agreed_by IS NULL)', name=op.f('ck_concern_decision_agreed_by_somebody')),
    sa.CheckConstraint('(declined_at IS NULL) = (declined_by IS NULL)', name=op.f('ck_concern_decision_declined_by_somebody')),
    sa.CheckConstraint('agreed_at IS NULL OR declined_at IS NULL', name=op.f('ck_concern_decision_one_answer')),
    sa.CheckConstraint('agreed_by IS NULL OR agreed_by <> proposed_by', name=op.f('ck_concern_decision_two_people')),
    sa.CheckConstraint('ends_on IS NULL OR review_on IS NULL', name=op.f('ck_concern_decision_one_day')),
    sa.ForeignKeyConstraint(['agreed_by'], ['person.id'], name=op.f('fk_concern_decision_agreed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['concern_id'], ['concern.id'], name=op.f('fk_concern_decision_concern_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['declined_by'], ['person.id'], name=op.f('fk_concern_decision_declined_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['lifted_by'], ['person.id'], name=op.f('fk_concern_decision_lifted_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['membership_id'], ['membership.id'], name=op.f('fk_concern_decision_membership_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['proposed_by'], ['person.id'], name=op.f('fk_concern_decision_proposed_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_concern_decision'))
    )
    with op.batch_alter_table('concern_decision', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_concern_decision_concern_id'), ['concern_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_concern_decision_membership_id'), ['membership_id'], unique=False)
        batch_op.create_index('uq_concern_decision_standing', ['membership_id', 'choice'], unique=True, sqlite_where=sa.text('declined_at IS NULL AND lifted_at IS NULL'), postgresql_where=sa.text('declined_at IS NULL AND lifted_at IS NULL'))

    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.add_column(sa.Column('paused_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch_op.add_column(sa.Column('paused_until', sa.Date(), nullable=True))
        batch_op.create_check_constraint('pause_has_a_return', '(paused_at IS NULL) = (paused_until IS NULL)')



def downgrade() -> None:
    with op.batch_alter_table('membership', schema=None) as batch_op:
        batch_op.drop_constraint('pause_has_a_return', type_='check')
        batch_op.drop_column('paused_until')
        batch_op.drop_column('paused_at')

    with op.batch_alter_table('concern_decision', schema=None) as batch_op:
        batch_op.drop_index('uq_concern_decision_standing', sqlite_where=sa.text('declined_at IS NULL AND lifted_at IS NULL'), postgresql_where=sa.text('declined_at IS NULL AND lifted_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_concern_decision_membership_id'))
        batch_op.drop_index(batch_op.f('ix_concern_decision_concern_id'))

    op.drop_table('concern_decision')
    with op.batch_alter_table('eligibility_answer', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_eligibility_answer_provider_id'))
        batch_op.drop_index('ix_eligibility_answer_about')

    op.drop_table('eligibility_answer')
    with op.batch_alter_table('concern', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_concern_membership_id'))

    op.drop_table('concern')
