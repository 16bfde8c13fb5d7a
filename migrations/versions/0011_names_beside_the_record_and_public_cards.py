"""Names beside the audit chain, proofs of forgotten people, public cards, and therapies in plain words."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit_words',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('placeholder', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('of_id', sa.Uuid(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['audit_event.id'], name=op.f('fk_audit_words_event_id')),
    sa.PrimaryKeyConstraint('event_id', 'placeholder', name=op.f('pk_audit_words'))
    )
    with op.batch_alter_table('audit_words', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_words_of_id'), ['of_id'], unique=False)

    op.create_table('anonymisation',
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('practitioners', sa.Integer(), nullable=False),
    sa.Column('people', sa.Integer(), nullable=False),
    sa.Column('rule', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('practitioners >= 0 AND people >= 0', name=op.f('ck_anonymisation_counts')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_anonymisation_provider_id')),
    sa.PrimaryKeyConstraint('provider_id', name=op.f('pk_anonymisation'))
    )
    with op.batch_alter_table('anonymisation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_anonymisation_at'), ['at'], unique=False)

    op.create_table('public_card',
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('summary', sqlmodel.sql.sqltypes.AutoString(length=600), nullable=False),
    sa.Column('expect', sqlmodel.sql.sqltypes.AutoString(length=1500), nullable=False),
    sa.Column('listed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.Column('listed_by', sa.Uuid(), nullable=True),
    sa.Column('indexed', sa.Boolean(), nullable=False),
    sa.Column('changed_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint("listed_at IS NULL OR summary <> ''", name=op.f('ck_public_card_listed_says_something')),
    sa.CheckConstraint('listed_at IS NOT NULL OR NOT indexed', name=op.f('ck_public_card_indexed_is_listed')),
    sa.ForeignKeyConstraint(['listed_by'], ['person.id'], name=op.f('fk_public_card_listed_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_public_card_provider_id')),
    sa.PrimaryKeyConstraint('provider_id', name=op.f('pk_public_card'))
    )
    with op.batch_alter_table('public_card', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_public_card_listed_at'), ['listed_at'], unique=False)

    op.create_table('public_name',
    sa.Column('practitioner_id', sa.Uuid(), nullable=False),
    sa.Column('agreed_on', sa.Date(), nullable=False),
    sa.Column('noted_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('noted_by', sa.Uuid(), nullable=False),
    sa.ForeignKeyConstraint(['noted_by'], ['person.id'], name=op.f('fk_public_name_noted_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_public_name_practitioner_id')),
    sa.PrimaryKeyConstraint('practitioner_id', name=op.f('pk_public_name'))
    )
    with op.batch_alter_table('therapy', schema=None) as batch_op:
        batch_op.add_column(sa.Column('plain', sqlmodel.sql.sqltypes.AutoString(length=300), server_default='', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('therapy', schema=None) as batch_op:
        batch_op.drop_column('plain')

    op.drop_table('public_name')
    with op.batch_alter_table('public_card', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_public_card_listed_at'))

    op.drop_table('public_card')
    with op.batch_alter_table('anonymisation', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_anonymisation_at'))

    op.drop_table('anonymisation')
    with op.batch_alter_table('audit_words', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_audit_words_of_id'))

    op.drop_table('audit_words')
