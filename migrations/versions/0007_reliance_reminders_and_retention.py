"""Reliance of agencies on checks, change notices, DBS records, reminders, retention and the burden of an application."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0007'
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('duty_day',
    sa.Column('duty', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('done_on', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('duty', name=op.f('pk_duty_day'))
    )
    op.create_table('file_switch',
    sa.Column('kind_slug', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('off_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('off_by', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['kind_slug'], ['evidence_kind.slug'], name=op.f('fk_file_switch_kind_slug')),
    sa.ForeignKeyConstraint(['off_by'], ['person.id'], name=op.f('fk_file_switch_off_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('kind_slug', name=op.f('pk_file_switch'))
    )
    op.create_table('reliance_policy',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('kind_slug', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=True),
    sa.Column('policy', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('set_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('set_by', sa.Uuid(), nullable=False),
    sa.CheckConstraint("policy in ('accept_any', 'accept_lead', 'own_check')", name=op.f('ck_reliance_policy_policy')),
    sa.ForeignKeyConstraint(['kind_slug'], ['evidence_kind.slug'], name=op.f('fk_reliance_policy_kind_slug')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_reliance_policy_organisation_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['set_by'], ['person.id'], name=op.f('fk_reliance_policy_set_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reliance_policy')),
    sa.UniqueConstraint('organisation_id', 'kind_slug', name=op.f('uq_reliance_policy_organisation_id_kind_slug'))
    )
    with op.batch_alter_table('reliance_policy', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reliance_policy_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index('uq_reliance_policy_every_kind', ['organisation_id'], unique=True, sqlite_where=sa.text('kind_slug IS NULL'), postgresql_where=sa.text('kind_slug IS NULL'))

    op.create_table('legal_hold',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('set_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('set_by', sa.Uuid(), nullable=False),
    sa.Column('lifted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('lifted_by', sa.Uuid(), nullable=True),
    sa.Column('lifted_reason', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.CheckConstraint('(lifted_at IS NULL) = (lifted_by IS NULL)', name=op.f('ck_legal_hold_lifted_by_somebody')),
    sa.ForeignKeyConstraint(['lifted_by'], ['person.id'], name=op.f('fk_legal_hold_lifted_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_legal_hold_provider_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['set_by'], ['person.id'], name=op.f('fk_legal_hold_set_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_legal_hold'))
    )
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_legal_hold_provider_id'), ['provider_id'], unique=False)
        batch_op.create_index('uq_legal_hold_live', ['provider_id'], unique=True, sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))

    op.create_table('reminder_address',
    sa.Column('practitioner_id', sa.Uuid(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
    sa.Column('given_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('given_by', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['given_by'], ['person.id'], name=op.f('fk_reminder_address_given_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_reminder_address_practitioner_id')),
    sa.PrimaryKeyConstraint('practitioner_id', name=op.f('pk_reminder_address'))
    )
    op.create_table('application_burden',
    sa.Column('application_id', sa.Uuid(), nullable=False),
    sa.Column('asked', sa.Integer(), nullable=False),
    sa.Column('reused', sa.Integer(), nullable=False),
    sa.Column('uploads', sa.Integer(), nullable=False),
    sa.Column('uploads_avoided', sa.Integer(), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.CheckConstraint('0 <= reused AND reused <= asked', name=op.f('ck_application_burden_questions')),
    sa.CheckConstraint('uploads >= 0 AND uploads_avoided >= 0 AND minutes >= 0', name=op.f('ck_application_burden_counts')),
    sa.ForeignKeyConstraint(['application_id'], ['application.id'], name=op.f('fk_application_burden_application_id')),
    sa.PrimaryKeyConstraint('application_id', name=op.f('pk_application_burden'))
    )
    op.create_table('change_notice',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('item_id', sa.Uuid(), nullable=False),
    sa.Column('newer_id', sa.Uuid(), nullable=True),
    sa.Column('change', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('difference', sa.JSON(), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('mailed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answer', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
    sa.Column('answered_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('answered_by', sa.Uuid(), nullable=True),
    sa.Column('question', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.CheckConstraint("answer IS NULL OR answer IN ('content', 'asked')", name=op.f('ck_change_notice_answer')),
    sa.CheckConstraint("change in ('replaced', 'returned', 'expired')", name=op.f('ck_change_notice_change')),
    sa.CheckConstraint('(answer IS NULL) = (answered_at IS NULL)', name=op.f('ck_change_notice_answered_at_a_moment')),
    sa.ForeignKeyConstraint(['answered_by'], ['person.id'], name=op.f('fk_change_notice_answered_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['item_id'], ['evidence_item.id'], name=op.f('fk_change_notice_item_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['newer_id'], ['evidence_item.id'], name=op.f('fk_change_notice_newer_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_change_notice_organisation_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_change_notice_provider_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_change_notice')),
    sa.UniqueConstraint('organisation_id', 'item_id', 'change', name=op.f('uq_change_notice_organisation_id_item_id_change'))
    )
    with op.batch_alter_table('change_notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_change_notice_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_change_notice_mailed_at'), ['mailed_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_change_notice_newer_id'), ['newer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_change_notice_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_change_notice_provider_id'), ['provider_id'], unique=False)

    op.create_table('dbs_record',
    sa.Column('item_id', sa.Uuid(), nullable=False),
    sa.Column('level', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('workforce', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('children_barred', sa.Boolean(), nullable=False),
    sa.Column('adults_barred', sa.Boolean(), nullable=False),
    sa.Column('update_service', sa.Boolean(), nullable=False),
    sa.Column('status_checked_on', sa.Date(), nullable=True),
    sa.Column('status_result', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
    sa.Column('seen_by', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('seen_on', sa.Date(), nullable=True),
    sa.Column('told_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('told_by', sa.Uuid(), nullable=False),
    sa.CheckConstraint("(seen_on IS NULL) = (seen_by = '')", name=op.f('ck_dbs_record_seen_by_somebody')),
    sa.CheckConstraint("level in ('enhanced', 'standard', 'basic')", name=op.f('ck_dbs_record_level')),
    sa.CheckConstraint("status_result IS NULL OR status_result IN ('clear', 'current', 'changed')", name=op.f('ck_dbs_record_status_result')),
    sa.CheckConstraint("workforce in ('child', 'adult', 'both')", name=op.f('ck_dbs_record_workforce')),
    sa.CheckConstraint('(status_checked_on IS NULL) = (status_result IS NULL)', name=op.f('ck_dbs_record_status_with_its_day')),
    sa.ForeignKeyConstraint(['item_id'], ['evidence_item.id'], name=op.f('fk_dbs_record_item_id')),
    sa.ForeignKeyConstraint(['told_by'], ['person.id'], name=op.f('fk_dbs_record_told_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('item_id', name=op.f('pk_dbs_record'))
    )
    op.create_table('own_verification',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('item_id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('checker_id', sa.Uuid(), nullable=False),
    sa.Column('how', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['checker_id'], ['person.id'], name=op.f('fk_own_verification_checker_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['item_id'], ['evidence_item.id'], name=op.f('fk_own_verification_item_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_own_verification_organisation_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_own_verification')),
    sa.UniqueConstraint('item_id', 'organisation_id', name=op.f('uq_own_verification_item_id_organisation_id'))
    )
    with op.batch_alter_table('own_verification', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_own_verification_item_id'), ['item_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_own_verification_organisation_id'), ['organisation_id'], unique=False)

    op.create_table('deletion',
    sa.Column('document_id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('rule', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('bytes_gone_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['document_id'], ['document.id'], name=op.f('fk_deletion_document_id')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_deletion_provider_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('document_id', name=op.f('pk_deletion'))
    )
    with op.batch_alter_table('deletion', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_deletion_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_deletion_provider_id'), ['provider_id'], unique=False)

    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.add_column(sa.Column('purged_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))



def downgrade() -> None:
    with op.batch_alter_table('document', schema=None) as batch_op:
        batch_op.drop_column('purged_at')

    with op.batch_alter_table('deletion', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_deletion_provider_id'))
        batch_op.drop_index(batch_op.f('ix_deletion_at'))

    op.drop_table('deletion')
    with op.batch_alter_table('own_verification', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_own_verification_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_own_verification_item_id'))

    op.drop_table('own_verification')
    op.drop_table('dbs_record')
    with op.batch_alter_table('change_notice', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_change_notice_provider_id'))
        batch_op.drop_index(batch_op.f('ix_change_notice_organisation_id'))
        batch_op.drop_index(batch_op.f('ix_change_notice_newer_id'))
        batch_op.drop_index(batch_op.f('ix_change_notice_mailed_at'))
        batch_op.drop_index(batch_op.f('ix_change_notice_item_id'))

    op.drop_table('change_notice')
    op.drop_table('application_burden')
    op.drop_table('reminder_address')
    with op.batch_alter_table('legal_hold', schema=None) as batch_op:
        batch_op.drop_index('uq_legal_hold_live', sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_legal_hold_provider_id'))

    op.drop_table('legal_hold')
    with op.batch_alter_table('reliance_policy', schema=None) as batch_op:
        batch_op.drop_index('uq_reliance_policy_every_kind', sqlite_where=sa.text('kind_slug IS NULL'), postgresql_where=sa.text('kind_slug IS NULL'))
        batch_op.drop_index(batch_op.f('ix_reliance_policy_organisation_id'))

    op.drop_table('reliance_policy')
    op.drop_table('file_switch')
    op.drop_table('duty_day')
