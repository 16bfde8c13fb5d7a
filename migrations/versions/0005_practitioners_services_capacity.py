"""Practitioners with several registrations, qualifications, therapies, supervision, DBS; services; capacity."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from app.core.rows import new_id

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

_PEOPLE = sa.table(
    "practitioner",
    sa.column("id", sa.Uuid),
    sa.column("body_slug", sa.String),
    sa.column("registration_number", sa.String),
    sa.column("added_at", sqlmodel.sql.sqltypes.UTCDateTime()),
)
_REGISTRATIONS = sa.table(
    "professional_registration",
    sa.column("id", sa.Uuid),
    sa.column("practitioner_id", sa.Uuid),
    sa.column("body_slug", sa.String),
    sa.column("number", sa.String),
    sa.column("added_at", sqlmodel.sql.sqltypes.UTCDateTime()),
)


def _to_the_register() -> None:
    """The one registration that stood in a practitioner's own row becomes the first of theirs."""
    given = sa.or_(_PEOPLE.c.body_slug.is_not(None), _PEOPLE.c.registration_number != "")
    people = op.get_bind().execute(sa.select(_PEOPLE).where(given)).all()
    if people:
        op.bulk_insert(
            _REGISTRATIONS,
            [
                {
                    "id": new_id(),
                    "practitioner_id": person.id,
                    "body_slug": person.body_slug,
                    "number": person.registration_number,
                    "added_at": person.added_at,
                }
                for person in people
            ],
        )


def _from_the_register() -> None:
    """The first registration of each goes back into their row; a second has no place there."""
    first = {}
    for entry in op.get_bind().execute(sa.select(_REGISTRATIONS).order_by(_REGISTRATIONS.c.id.desc())):
        first[entry.practitioner_id] = entry
    for entry in first.values():
        op.execute(
            _PEOPLE.update()
            .where(_PEOPLE.c.id == entry.practitioner_id)
            .values(body_slug=entry.body_slug, registration_number=entry.number)
        )


def upgrade() -> None:
    op.create_table('practitioner_import',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('file_name', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('rows', sa.JSON(), nullable=False),
    sa.Column('read_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('read_by', sa.Uuid(), nullable=False),
    sa.Column('done_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_practitioner_import_provider_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['read_by'], ['person.id'], name=op.f('fk_practitioner_import_read_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practitioner_import'))
    )
    with op.batch_alter_table('practitioner_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_practitioner_import_provider_id'), ['provider_id'], unique=False)

    op.create_table('provider_offer',
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('aspect', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('value', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.CheckConstraint("aspect in ('need', 'age', 'mode', 'venue', 'language', 'culture', 'district')", name=op.f('ck_provider_offer_aspect')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_provider_offer_provider_id')),
    sa.PrimaryKeyConstraint('provider_id', 'aspect', 'value', name=op.f('pk_provider_offer'))
    )
    op.create_table('provider_reach',
    sa.Column('provider_id', sa.Uuid(), nullable=False),
    sa.Column('travels_from', sqlmodel.sql.sqltypes.AutoString(length=4), nullable=False),
    sa.Column('miles', sa.Integer(), nullable=False),
    sa.CheckConstraint('miles BETWEEN 1 AND 300', name=op.f('ck_provider_reach_miles')),
    sa.ForeignKeyConstraint(['provider_id'], ['provider.id'], name=op.f('fk_provider_reach_provider_id')),
    sa.PrimaryKeyConstraint('provider_id', name=op.f('pk_provider_reach'))
    )
    op.create_table('practitioner_dbs',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('practitioner_id', sa.Uuid(), nullable=False),
    sa.Column('certificate_number', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('issued_on', sa.Date(), nullable=False),
    sa.Column('level', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('workforce', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('children_barred', sa.Boolean(), nullable=False),
    sa.Column('adults_barred', sa.Boolean(), nullable=False),
    sa.Column('update_service', sa.Boolean(), nullable=False),
    sa.Column('consented_on', sa.Date(), nullable=True),
    sa.Column('recorded_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('recorded_by', sa.Uuid(), nullable=False),
    sa.CheckConstraint("level in ('basic', 'standard', 'enhanced')", name=op.f('ck_practitioner_dbs_level')),
    sa.CheckConstraint("workforce in ('child', 'adult', 'child_and_adult', 'other')", name=op.f('ck_practitioner_dbs_workforce')),
    sa.CheckConstraint('consented_on IS NULL OR update_service', name=op.f('ck_practitioner_dbs_consent')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_practitioner_dbs_practitioner_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['recorded_by'], ['person.id'], name=op.f('fk_practitioner_dbs_recorded_by'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practitioner_dbs'))
    )
    with op.batch_alter_table('practitioner_dbs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_practitioner_dbs_practitioner_id'), ['practitioner_id'], unique=False)

    op.create_table('personal_insurance',
    sa.Column('practitioner_id', sa.Uuid(), nullable=False),
    sa.Column('insurer', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('policy_number', sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=False),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_personal_insurance_practitioner_id')),
    sa.PrimaryKeyConstraint('practitioner_id', name=op.f('pk_personal_insurance'))
    )
    op.create_table('professional_registration',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('practitioner_id', sa.Uuid(), nullable=False),
    sa.Column('body_slug', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('added_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['body_slug'], ['professional_body.slug'], name=op.f('fk_professional_registration_body_slug')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_professional_registration_practitioner_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_professional_registration'))
    )
    with op.batch_alter_table('professional_registration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_professional_registration_practitioner_id'), ['practitioner_id'], unique=False)

    op.create_table('qualification',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('practitioner_id', sa.Uuid(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('awarding_body', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('year', sa.Integer(), nullable=True),
    sa.Column('added_at', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.CheckConstraint('year IS NULL OR year BETWEEN 1940 AND 2100', name=op.f('ck_qualification_year')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_qualification_practitioner_id'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_qualification'))
    )
    with op.batch_alter_table('qualification', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_qualification_practitioner_id'), ['practitioner_id'], unique=False)

    op.create_table('supervision',
    sa.Column('practitioner_id', sa.Uuid(), nullable=False),
    sa.Column('supervisor', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('body', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('frequency', sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
    sa.Column('last_on', sa.Date(), nullable=True),
    sa.CheckConstraint("frequency in ('weekly', 'fortnightly', 'monthly', 'less_often')", name=op.f('ck_supervision_frequency')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_supervision_practitioner_id')),
    sa.PrimaryKeyConstraint('practitioner_id', name=op.f('pk_supervision'))
    )
    op.create_table('capacity',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('membership_id', sa.Uuid(), nullable=False),
    sa.Column('therapy_slug', sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
    sa.Column('places', sa.Integer(), nullable=False),
    sa.Column('waiting_weeks', sa.Integer(), nullable=False),
    sa.Column('as_of', sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
    sa.Column('said_by', sa.Uuid(), nullable=False),
    sa.CheckConstraint('places BETWEEN 0 AND 999', name=op.f('ck_capacity_places')),
    sa.CheckConstraint('waiting_weeks BETWEEN 0 AND 104', name=op.f('ck_capacity_waiting_weeks')),
    sa.ForeignKeyConstraint(['membership_id'], ['membership.id'], name=op.f('fk_capacity_membership_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['said_by'], ['person.id'], name=op.f('fk_capacity_said_by'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['therapy_slug'], ['therapy.slug'], name=op.f('fk_capacity_therapy_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_capacity'))
    )
    with op.batch_alter_table('capacity', schema=None) as batch_op:
        batch_op.create_index('ix_capacity_said', ['membership_id', 'therapy_slug', 'as_of'], unique=False)

    op.create_table('practitioner_therapy',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('practitioner_id', sa.Uuid(), nullable=False),
    sa.Column('therapy_slug', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registration_id', sa.Uuid(), nullable=True),
    sa.Column('qualification_id', sa.Uuid(), nullable=True),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.CheckConstraint('registration_id IS NOT NULL OR qualification_id IS NOT NULL', name=op.f('ck_practitioner_therapy_ground')),
    sa.ForeignKeyConstraint(['practitioner_id'], ['practitioner.id'], name=op.f('fk_practitioner_therapy_practitioner_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['qualification_id'], ['qualification.id'], name=op.f('fk_practitioner_therapy_qualification_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['registration_id'], ['professional_registration.id'], name=op.f('fk_practitioner_therapy_registration_id'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['therapy_slug'], ['therapy.slug'], name=op.f('fk_practitioner_therapy_therapy_slug')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_practitioner_therapy')),
    sa.UniqueConstraint('practitioner_id', 'therapy_slug', name=op.f('uq_practitioner_therapy_practitioner_id_therapy_slug'))
    )
    with op.batch_alter_table('practitioner_therapy', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_practitioner_therapy_qualification_id'), ['qualification_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_practitioner_therapy_registration_id'), ['registration_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_practitioner_therapy_therapy_slug'), ['therapy_slug'], unique=False)

    _to_the_register()
    with op.batch_alter_table('practitioner', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_practitioner_body_slug'), type_='foreignkey')
        batch_op.drop_column('registration_number')
        batch_op.drop_column('body_slug')



def downgrade() -> None:
    with op.batch_alter_table('practitioner', schema=None) as batch_op:
        batch_op.add_column(sa.Column('body_slug', sa.VARCHAR(), nullable=True))
        batch_op.add_column(sa.Column('registration_number', sa.VARCHAR(length=40), nullable=False, server_default=''))
        batch_op.create_foreign_key(batch_op.f('fk_practitioner_body_slug'), 'professional_body', ['body_slug'], ['slug'])
    _from_the_register()
    with op.batch_alter_table('practitioner', schema=None) as batch_op:
        batch_op.alter_column('registration_number', server_default=None)

    with op.batch_alter_table('practitioner_therapy', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_practitioner_therapy_therapy_slug'))
        batch_op.drop_index(batch_op.f('ix_practitioner_therapy_registration_id'))
        batch_op.drop_index(batch_op.f('ix_practitioner_therapy_qualification_id'))

    op.drop_table('practitioner_therapy')
    with op.batch_alter_table('capacity', schema=None) as batch_op:
        batch_op.drop_index('ix_capacity_said')

    op.drop_table('capacity')
    op.drop_table('supervision')
    with op.batch_alter_table('qualification', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_qualification_practitioner_id'))

    op.drop_table('qualification')
    with op.batch_alter_table('professional_registration', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_professional_registration_practitioner_id'))

    op.drop_table('professional_registration')
    op.drop_table('personal_insurance')
    with op.batch_alter_table('practitioner_dbs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_practitioner_dbs_practitioner_id'))

    op.drop_table('practitioner_dbs')
    op.drop_table('provider_reach')
    op.drop_table('provider_offer')
    with op.batch_alter_table('practitioner_import', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_practitioner_import_provider_id'))

    op.drop_table('practitioner_import')
