"""Frameworks whole as data: value, scheme and extensions, rates and therapies of lots, questions, rolling rounds."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FRAMEWORK = {
    'way': "way in ('mini_competition', 'provider_list')",
    'extendable_to': "extendable_to >= ends_on",
    'scheme_ends_on': "scheme_ends_on >= ends_on",
    'scheme': "follows_id IS NULL OR scheme_ends_on IS NOT NULL",
    'estimated_value': "estimated_value_pence > 0",
    'fee': "fee_basis_points BETWEEN 0 AND 1000",
}
OLD_UNITS = "price_unit in ('hour', 'session', 'assessment', 'day', 'place')"
LOT = {
    'price_unit': "price_unit in ('hour', 'session', 'assessment', 'day', 'place', 'overnight', 'mile', 'cancellation', 'report', 'no_show')",
    'mechanism': "mechanism in ('quote_under_ceiling', 'rate_card', 'fixed_price')",
    'admission': "admission in ('pass_mark', 'ranked')",
    'ranked': "(admission = 'ranked') = (max_members IS NOT NULL)",
    'pass_mark': "pass_mark BETWEEN 0 AND 100",
    'max_members': "max_members > 0",
}


def upgrade() -> None:
    op.create_table('framework_extension',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('framework_id', sa.Uuid(), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.Column('proposed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('proposed_by', sa.Uuid(), nullable=False),
    sa.Column('approved_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('approved_by', sa.Uuid(), nullable=True),
    sa.CheckConstraint('(approved_at IS NULL) = (approved_by IS NULL)', name=op.f('ck_framework_extension_approved_by_somebody')),
    sa.CheckConstraint('approved_by IS NULL OR approved_by <> proposed_by', name=op.f('ck_framework_extension_two_people')),
    sa.CheckConstraint('ends_on > ended_on', name=op.f('ck_framework_extension_later')),
    sa.ForeignKeyConstraint(['approved_by'], ['person.id'], name=op.f('fk_framework_extension_approved_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['framework_id'], ['framework.id'], name=op.f('fk_framework_extension_framework_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['proposed_by'], ['person.id'], name=op.f('fk_framework_extension_proposed_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_framework_extension'))
    )
    with op.batch_alter_table('framework_extension', schema=None) as batch_op:
        batch_op.create_index('uq_framework_extension_waiting', ['framework_id'], unique=True, sqlite_where=sa.text('approved_at IS NULL'), postgresql_where=sa.text('approved_at IS NULL'))

    op.create_table('question_set',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('framework_id', sa.Uuid(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('written_by', sa.Uuid(), nullable=False),
    sa.Column('frozen_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('frozen_by', sa.Uuid(), nullable=True),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.CheckConstraint("(frozen_at IS NULL) = (sha256 = '')", name=op.f('ck_question_set_frozen')),
    sa.CheckConstraint('(frozen_at IS NULL) = (frozen_by IS NULL)', name=op.f('ck_question_set_frozen_by_somebody')),
    sa.CheckConstraint('frozen_by <> written_by', name=op.f('ck_question_set_two_people')),
    sa.CheckConstraint('version > 0', name=op.f('ck_question_set_version')),
    sa.ForeignKeyConstraint(['frozen_by'], ['person.id'], name=op.f('fk_question_set_frozen_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['written_by'], ['person.id'], name=op.f('fk_question_set_written_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['framework_id'], ['framework.id'], name=op.f('fk_question_set_framework_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question_set')),
    sa.UniqueConstraint('framework_id', 'version', name=op.f('uq_question_set_framework_id_version'))
    )
    with op.batch_alter_table('question_set', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_set_framework_id'), ['framework_id'], unique=False)

    op.create_table('lot_rate',
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('unit', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('pence', sa.BigInteger(), nullable=False),
    sa.Column('is_fixed', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.CheckConstraint("unit in ('hour', 'session', 'assessment', 'day', 'place', 'overnight', 'mile', 'cancellation', 'report', 'no_show')", name=op.f('ck_lot_rate_unit')),
    sa.CheckConstraint('pence > 0', name=op.f('ck_lot_rate_pence')),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_lot_rate_lot_id')),
    sa.PrimaryKeyConstraint('lot_id', 'unit', name=op.f('pk_lot_rate'))
    )
    op.create_table('lot_therapy',
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.Column('therapy_slug', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_lot_therapy_lot_id')),
    sa.ForeignKeyConstraint(['therapy_slug'], ['therapy.slug'], name=op.f('fk_lot_therapy_therapy_slug')),
    sa.PrimaryKeyConstraint('lot_id', 'therapy_slug', name=op.f('pk_lot_therapy'))
    )
    op.create_table('question',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('set_id', sa.Uuid(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('section', sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.Column('guidance', sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('options', sa.JSON(), nullable=False),
    sa.Column('required', sa.Boolean(), nullable=False),
    sa.Column('max_words', sa.Integer(), nullable=True),
    sa.Column('carry', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('known_as', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.Column('passes', sa.JSON(), nullable=False),
    sa.Column('weight', sa.Integer(), nullable=True),
    sa.Column('threshold', sa.Integer(), nullable=True),
    sa.Column('descriptors', sa.JSON(), nullable=False),
    sa.CheckConstraint("carry in ('carry', 'confirm', 'fresh')", name=op.f('ck_question_carry')),
    sa.CheckConstraint("kind in ('text', 'yes_no', 'number', 'choice', 'declaration')", name=op.f('ck_question_kind')),
    sa.CheckConstraint("known_as in ('name', 'contact', 'company_number', 'charity_number', 'ppon', 'sites', 'areas', 'therapies', 'services', 'practitioners', 'capacity', 'ins_public_liability', 'ins_professional_indemnity', 'ins_employers_liability', 'dbs_enhanced', 'professional_registration', 'modality_qualification', 'clinical_supervision', 'fmc_accreditation', 'ofsted_asa', 'safeguarding_policy', 'ico_registration', 'data_protection_policy')", name=op.f('ck_question_known_as')),
    sa.CheckConstraint('max_words > 0', name=op.f('ck_question_max_words')),
    sa.CheckConstraint('threshold BETWEEN 0 AND 5', name=op.f('ck_question_threshold')),
    sa.CheckConstraint('threshold IS NULL OR weight IS NOT NULL', name=op.f('ck_question_scored')),
    sa.CheckConstraint('weight BETWEEN 1 AND 100', name=op.f('ck_question_weight')),
    sa.ForeignKeyConstraint(['set_id'], ['question_set.id'], name=op.f('fk_question_set_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_question')),
    sa.UniqueConstraint('set_id', 'position', name=op.f('uq_question_set_id_position'))
    )
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_question_set_id'), ['set_id'], unique=False)

    op.create_table('question_lot',
    sa.Column('question_id', sa.Uuid(), nullable=False),
    sa.Column('lot_id', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['lot_id'], ['lot.id'], name=op.f('fk_question_lot_lot_id')),
    sa.ForeignKeyConstraint(['question_id'], ['question.id'], name=op.f('fk_question_lot_question_id')),
    sa.PrimaryKeyConstraint('question_id', 'lot_id', name=op.f('pk_question_lot'))
    )
    op.create_table('round_decision_date',
    sa.Column('round_id', sa.Uuid(), nullable=False),
    sa.Column('on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['round_id'], ['round.id'], name=op.f('fk_round_decision_date_round_id')),
    sa.PrimaryKeyConstraint('round_id', 'on', name=op.f('pk_round_decision_date'))
    )
    with op.batch_alter_table('framework', schema=None) as batch_op:
        batch_op.add_column(sa.Column('estimated_value_pence', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('extendable_to', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('way', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default="mini_competition"))
        batch_op.add_column(sa.Column('direct_award', sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False, server_default=""))
        batch_op.add_column(sa.Column('fee_basis_points', sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column('follows_id', sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column('scheme_ends_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False, server_default=""))
        batch_op.create_index(batch_op.f('ix_framework_follows_id'), ['follows_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_framework_follows_id'), 'framework', ['follows_id'], ['id'], ondelete='RESTRICT')
        for name, rule in FRAMEWORK.items():
            batch_op.create_check_constraint(batch_op.f(f'ck_framework_{name}'), rule)

    with op.batch_alter_table('lot', schema=None) as batch_op:
        batch_op.add_column(sa.Column('mechanism', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default="quote_under_ceiling"))
        batch_op.add_column(sa.Column('topics', sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column('outcomes', sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column('monitoring', sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column('admission', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default="pass_mark"))
        batch_op.add_column(sa.Column('pass_mark', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('max_members', sa.Integer(), nullable=True))
        batch_op.drop_constraint(batch_op.f('ck_lot_price_unit'), type_='check')
        for name, rule in LOT.items():
            batch_op.create_check_constraint(batch_op.f(f'ck_lot_{name}'), rule)

    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rolling', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('question_set_id', sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f('ix_round_question_set_id'), ['question_set_id'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_round_question_set_id'), 'question_set', ['question_set_id'], ['id'], ondelete='RESTRICT')

    with op.batch_alter_table('rule_set', schema=None) as batch_op:
        batch_op.add_column(sa.Column('standstill', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False, server_default="none"))
        batch_op.add_column(sa.Column('standstill_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('standstill_calendar', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('details_notice_days', sa.Integer(), nullable=True))
        batch_op.create_check_constraint(batch_op.f('ck_rule_set_standstill'), "standstill in ('mandatory', 'voluntary', 'none')")
        batch_op.add_column(sa.Column('clocks_source', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False, server_default=""))



def downgrade() -> None:
    with op.batch_alter_table('rule_set', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_rule_set_standstill'), type_='check')
        batch_op.drop_column('clocks_source')
        batch_op.drop_column('details_notice_days')
        batch_op.drop_column('standstill_calendar')
        batch_op.drop_column('standstill_days')
        batch_op.drop_column('standstill')

    with op.batch_alter_table('round', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_round_question_set_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_round_question_set_id'))
        batch_op.drop_column('question_set_id')
        batch_op.drop_column('rolling')

    with op.batch_alter_table('lot', schema=None) as batch_op:
        for name in LOT:
            batch_op.drop_constraint(batch_op.f(f'ck_lot_{name}'), type_='check')
        batch_op.create_check_constraint(batch_op.f('ck_lot_price_unit'), OLD_UNITS)
        batch_op.drop_column('max_members')
        batch_op.drop_column('pass_mark')
        batch_op.drop_column('admission')
        batch_op.drop_column('monitoring')
        batch_op.drop_column('outcomes')
        batch_op.drop_column('topics')
        batch_op.drop_column('mechanism')

    with op.batch_alter_table('framework', schema=None) as batch_op:
        for name in FRAMEWORK:
            batch_op.drop_constraint(batch_op.f(f'ck_framework_{name}'), type_='check')
        batch_op.drop_constraint(batch_op.f('fk_framework_follows_id'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_framework_follows_id'))
        batch_op.drop_column('sha256')
        batch_op.drop_column('scheme_ends_on')
        batch_op.drop_column('follows_id')
        batch_op.drop_column('fee_basis_points')
        batch_op.drop_column('direct_award')
        batch_op.drop_column('way')
        batch_op.drop_column('extendable_to')
        batch_op.drop_column('estimated_value_pence')

    op.drop_table('round_decision_date')
    op.drop_table('question_lot')
    with op.batch_alter_table('question', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_question_set_id'))

    op.drop_table('question')
    op.drop_table('lot_therapy')
    op.drop_table('lot_rate')
    with op.batch_alter_table('question_set', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_question_set_framework_id'))

    op.drop_table('question_set')
    with op.batch_alter_table('framework_extension', schema=None) as batch_op:
        batch_op.drop_index('uq_framework_extension_waiting', sqlite_where=sa.text('approved_at IS NULL'), postgresql_where=sa.text('approved_at IS NULL'))

    op.drop_table('framework_extension')
