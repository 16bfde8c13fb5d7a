"""Approval of briefs by two, match reports, amendments, outages, early closes, openings out of order, alerts and calendars.

Columns are added in place, so that SQLite keeps the triggers of the table brief.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outage",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("until_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("applied_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("until_at > from_at", name=op.f("ck_outage_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
        sa.UniqueConstraint("from_at", name=op.f("uq_outage_from_at")),
    )
    op.create_index(op.f("ix_outage_applied_at"), "outage", ["applied_at"], unique=False)
    op.create_table(
        "service_beat",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_service_beat_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_beat")),
    )
    op.create_table(
        "approval_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("pence", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("pence >= 0", name=op.f("ck_approval_limit_pence")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
            name=op.f("fk_approval_limit_organisation_id"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name=op.f("fk_approval_limit_set_by"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_limit")),
    )
    op.create_index("ix_approval_limit_said", "approval_limit", ["organisation_id", "set_at"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_calendar_feed_token_digest")),
    )
    op.create_index(
        "uq_calendar_feed_live",
        "calendar_feed",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "brief_alert",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("framework_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=True),
        sa.Column("service", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("often", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("ended_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("often in ('instant', 'daily', 'weekly')", name=op.f("ck_brief_alert_often")),
        sa.ForeignKeyConstraint(
            ["framework_id"], ["framework.id"], name=op.f("fk_brief_alert_framework_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_brief_alert_person_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_brief_alert_region_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_alert")),
    )
    op.create_index(
        "ix_brief_alert_live",
        "brief_alert",
        ["often"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_brief_alert_person_id"), "brief_alert", ["person_id"], unique=False)
    op.create_table(
        "alert_told",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["brief_alert.id"], name=op.f("fk_alert_told_alert_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["brief_id"], ["brief.id"], name=op.f("fk_alert_told_brief_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("alert_id", "brief_id", name=op.f("pk_alert_told")),
    )
    op.create_table(
        "brief_amendment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(length=20), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("proposed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=True),
        sa.Column("published_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("published_by", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("dropped_by", sa.Uuid(), nullable=True),
        sa.Column("outage_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind in ('minor', 'material', 'outage', 'early_close')", name=op.f("ck_brief_amendment_kind")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_brief_amendment_reasoned")),
        sa.CheckConstraint(
            "(version IS NULL) = (published_at IS NULL)", name=op.f("ck_brief_amendment_version_when_published")
        ),
        sa.CheckConstraint(
            "published_at IS NULL OR dropped_at IS NULL", name=op.f("ck_brief_amendment_published_or_dropped")
        ),
        sa.CheckConstraint("published_by <> proposed_by", name=op.f("ck_brief_amendment_two_people")),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["brief.id"], name=op.f("fk_brief_amendment_brief_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["dropped_by"], ["person.id"], name=op.f("fk_brief_amendment_dropped_by"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["outage_id"], ["outage.id"], name=op.f("fk_brief_amendment_outage_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["person.id"], name=op.f("fk_brief_amendment_proposed_by"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["published_by"], ["person.id"], name=op.f("fk_brief_amendment_published_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_amendment")),
        sa.UniqueConstraint("brief_id", "outage_id", name=op.f("uq_brief_amendment_brief_id_outage_id")),
        sa.UniqueConstraint("brief_id", "version", name=op.f("uq_brief_amendment_brief_id_version")),
    )
    op.create_index(
        "uq_brief_amendment_waits",
        "brief_amendment",
        ["brief_id"],
        unique=True,
        sqlite_where=sa.text("published_at IS NULL AND dropped_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL AND dropped_at IS NULL"),
    )
    op.create_table(
        "brief_approval",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("seen", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.Column("at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["brief.id"], name=op.f("fk_brief_approval_brief_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_brief_approval_person_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brief_approval")),
        sa.UniqueConstraint("brief_id", "person_id", "seen", name=op.f("uq_brief_approval_brief_id_person_id_seen")),
    )
    op.create_table(
        "early_close",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("tried_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("agreed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("dropped_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        sa.CheckConstraint("agreed_at IS NULL OR dropped_at IS NULL", name=op.f("ck_early_close_agreed_or_dropped")),
        sa.CheckConstraint("agreed_by <> asked_by", name=op.f("ck_early_close_two_people")),
        sa.ForeignKeyConstraint(
            ["agreed_by"], ["person.id"], name=op.f("fk_early_close_agreed_by"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_early_close_asked_by"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(["brief_id"], ["brief.id"], name=op.f("fk_early_close_brief_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_early_close")),
    )
    op.create_index(
        "uq_early_close_waits",
        "early_close",
        ["brief_id"],
        unique=True,
        sqlite_where=sa.text("agreed_at IS NULL AND dropped_at IS NULL"),
        postgresql_where=sa.text("agreed_at IS NULL AND dropped_at IS NULL"),
    )
    op.create_table(
        "match_report",
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("limit_pence", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
        sa.ForeignKeyConstraint(["brief_id"], ["brief.id"], name=op.f("fk_match_report_brief_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("brief_id", name=op.f("pk_match_report")),
    )
    op.create_table(
        "opening_out_of_order",
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("said_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("said_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_opening_out_of_order_reasoned")),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["brief.id"], name=op.f("fk_opening_out_of_order_brief_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["said_by"], ["person.id"], name=op.f("fk_opening_out_of_order_said_by"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("brief_id", name=op.f("pk_opening_out_of_order")),
    )
    op.create_table(
        "match_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("brief_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("provider_name", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("invited", sa.Boolean(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["brief_id"], ["match_report.brief_id"], name=op.f("fk_match_line_brief_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["provider.id"], name=op.f("fk_match_line_provider_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_match_line")),
        sa.UniqueConstraint("brief_id", "provider_id", name=op.f("uq_match_line_brief_id_provider_id")),
    )
    op.create_index(op.f("ix_match_line_provider_id"), "match_line", ["provider_id"], unique=False)
    op.add_column("brief", sa.Column("material_version", sa.Integer(), nullable=False, server_default="1"))
    op.add_column(
        "brief_invitation",
        sa.Column("declined_words", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False, server_default=""),
    )
    op.execute(
        "ALTER TABLE brief ADD COLUMN cancelled_as VARCHAR(20) DEFAULT '' NOT NULL"
        " CONSTRAINT ck_brief_cancelled_as CHECK (cancelled_as IN ('', 'withdrawn', 'cancelled', 'no_suitable_bid'))"
    )
    op.execute("UPDATE brief SET cancelled_as = 'cancelled' WHERE cancelled_at IS NOT NULL")


def downgrade() -> None:
    op.drop_column("brief", "cancelled_as")
    op.drop_column("brief_invitation", "declined_words")
    op.drop_column("brief", "material_version")
    op.drop_index(op.f("ix_match_line_provider_id"), table_name="match_line")
    op.drop_table("match_line")
    op.drop_table("opening_out_of_order")
    op.drop_table("match_report")
    op.drop_index(
        "uq_early_close_waits",
        table_name="early_close",
        sqlite_where=sa.text("agreed_at IS NULL AND dropped_at IS NULL"),
        postgresql_where=sa.text("agreed_at IS NULL AND dropped_at IS NULL"),
    )
    op.drop_table("early_close")
    op.drop_table("brief_approval")
    op.drop_index(
        "uq_brief_amendment_waits",
        table_name="brief_amendment",
        sqlite_where=sa.text("published_at IS NULL AND dropped_at IS NULL"),
        postgresql_where=sa.text("published_at IS NULL AND dropped_at IS NULL"),
    )
    op.drop_table("brief_amendment")
    op.drop_table("alert_told")
    op.drop_index(op.f("ix_brief_alert_person_id"), table_name="brief_alert")
    op.drop_index(
        "ix_brief_alert_live",
        table_name="brief_alert",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("brief_alert")
    op.drop_index(
        "uq_calendar_feed_live",
        table_name="calendar_feed",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("calendar_feed")
    op.drop_index("ix_approval_limit_said", table_name="approval_limit")
    op.drop_table("approval_limit")
    op.drop_table("service_beat")
    op.drop_index(op.f("ix_outage_applied_at"), table_name="outage")
    op.drop_table("outage")
