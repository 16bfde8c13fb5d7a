"""Registration: more official numbers, the national record, and a pause that ends by itself."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMNS = (
    ("ppon", sqlmodel.sql.sqltypes.AutoString(length=20)),
    ("ofsted_urn", sqlmodel.sql.sqltypes.AutoString(length=10)),
    ("ico_number", sqlmodel.sql.sqltypes.AutoString(length=10)),
    ("share_code", sqlmodel.sql.sqltypes.AutoString(length=12)),
    ("record_confirmed_on", sa.Date()),
    ("numbers_told_at", sqlmodel.sql.sqltypes.UTCDateTime()),
    ("paused_until", sa.Date()),
)
_UNIQUE = ("ppon", "ofsted_urn", "ico_number")


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("provider", sa.Column(name, kind, nullable=True))
    for name in _UNIQUE:
        op.create_index(f"uq_provider_{name}", "provider", [name], unique=True)
    # Whoever registered before was asked for every number there was then.
    op.execute("UPDATE provider SET numbers_told_at = registered_at")
    op.create_table('join_request',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('organisation_id', sa.Uuid(), nullable=False),
    sa.Column('person_id', sa.Uuid(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.Column('asked_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('decided_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('decided_by', sa.Uuid(), nullable=True),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.CheckConstraint("role in ('owner', 'documents', 'bids', 'contracts', 'read_only', 'commissioner', 'approver', 'chair', 'assessor', 'framework_lead', 'checker', 'administrator', 'auditor')", name=op.f('ck_join_request_role')),
    sa.ForeignKeyConstraint(['decided_by'], ['person.id'], name=op.f('fk_join_request_decided_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisation.id'], name=op.f('fk_join_request_organisation_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_join_request_person_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_join_request'))
    )
    op.create_index(op.f('ix_join_request_organisation_id'), 'join_request', ['organisation_id'], unique=False)
    op.create_index(op.f('ix_join_request_person_id'), 'join_request', ['person_id'], unique=False)
    op.create_index('uq_join_request_open', 'join_request', ['organisation_id', 'person_id'], unique=True, sqlite_where=sa.text('decided_at IS NULL'), postgresql_where=sa.text('decided_at IS NULL'))
    op.create_table('duplicate_suggestion',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('other_id', sa.Uuid(), nullable=False),
    sa.Column('why', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('suggested_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('settled_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('settled_by', sa.Uuid(), nullable=True),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=True),
    sa.CheckConstraint("outcome in ('different', 'same')", name=op.f('ck_duplicate_suggestion_outcome')),
    sa.CheckConstraint('provider_id <> other_id', name=op.f('ck_duplicate_suggestion_two')),
    sa.ForeignKeyConstraint(['other_id'], ['provider.id'], name=op.f('fk_duplicate_suggestion_other_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_duplicate_suggestion_provider_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['settled_by'], ['person.id'], name=op.f('fk_duplicate_suggestion_settled_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duplicate_suggestion')),
    sa.UniqueConstraint('provider_id', 'other_id', name=op.f('uq_duplicate_suggestion_provider_id_other_id'))
    )
    op.create_index(op.f('ix_duplicate_suggestion_other_id'), 'duplicate_suggestion', ['other_id'], unique=False)
    op.create_index(op.f('ix_duplicate_suggestion_provider_id'), 'duplicate_suggestion', ['provider_id'], unique=False)
    # ### end Alembic commands ###
    op.create_table('consortium',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('lead_id', sa.Uuid(), nullable=False),
    sa.Column('started_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('ended_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['lead_id'], ['provider.id'], name=op.f('fk_consortium_lead_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consortium'))
    )
    op.create_index(op.f('ix_consortium_lead_id'), 'consortium', ['lead_id'], unique=False)
    op.create_table('site',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('postcode', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('uses', sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
    sa.Column('step_free', sqlmodel.sql.sqltypes.AutoString(length=10), nullable=False),
    sa.Column('access', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('parking', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('transport', sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False),
    sa.Column('added_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('closed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.CheckConstraint("step_free in ('yes', 'partly', 'no')", name=op.f('ck_site_step_free')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_site_provider_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site'))
    )
    op.create_index(op.f('ix_site_provider_id'), 'site', ['provider_id'], unique=False)
    op.create_index('uq_site_open_name', 'site', ['provider_id', 'name'], unique=True, sqlite_where=sa.text('closed_at IS NULL'), postgresql_where=sa.text('closed_at IS NULL'))
    op.create_table('consortium_member',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('consortium_id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('known_as', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('invited_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('invited_by', sa.Uuid(), nullable=False),
    sa.Column('accepted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('accepted_by', sa.Uuid(), nullable=True),
    sa.Column('declined_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('left_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['accepted_by'], ['person.id'], name=op.f('fk_consortium_member_accepted_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['consortium_id'], ['consortium.id'], name=op.f('fk_consortium_member_consortium_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['invited_by'], ['person.id'], name=op.f('fk_consortium_member_invited_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_consortium_member_provider_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consortium_member'))
    )
    op.create_index(op.f('ix_consortium_member_consortium_id'), 'consortium_member', ['consortium_id'], unique=False)
    op.create_index(op.f('ix_consortium_member_provider_id'), 'consortium_member', ['provider_id'], unique=False)
    op.create_index('uq_consortium_member_live', 'consortium_member', ['consortium_id', 'provider_id'], unique=True, sqlite_where=sa.text('declined_at IS NULL AND left_at IS NULL'), postgresql_where=sa.text('declined_at IS NULL AND left_at IS NULL'))
    # ### end Alembic commands ###
    pass
    # ### end Alembic commands ###


def downgrade() -> None:
    op.drop_table("consortium_member")
    op.drop_table("site")
    op.drop_table("consortium")
    op.drop_table("duplicate_suggestion")
    op.drop_table("join_request")
    for name in _UNIQUE:
        op.drop_index(f"uq_provider_{name}", table_name="provider")
    for name, _ in reversed(_COLUMNS):
        op.drop_column("provider", name)
