"""What a second look undid, each telling of a DBS record, and what a framework's lead decides about files and ratings."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

CHANGES = "change in ('replaced', 'returned', 'expired', 'undone', 'reinstated', 'unfit')"
CHANGES_BEFORE = "change in ('replaced', 'returned', 'expired')"


def upgrade() -> None:
    with op.batch_alter_table("second_look") as batch:
        batch.add_column(sa.Column("first_replaced", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("second_look") as batch:
        batch.alter_column("first_replaced", server_default=None)
    with op.batch_alter_table("change_notice") as batch:
        batch.drop_constraint(op.f("ck_change_notice_change"), type_="check")
        batch.create_check_constraint(op.f("ck_change_notice_change"), CHANGES)
    with op.batch_alter_table("evidence_item") as batch:
        batch.add_column(sa.Column("needs_new_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
    op.execute(
        "UPDATE evidence_item SET needs_new_at = (SELECT told_at FROM dbs_record WHERE item_id = evidence_item.id)"
        " WHERE id IN (SELECT item_id FROM dbs_record WHERE status_result = 'changed')"
    )
    with op.batch_alter_table("dbs_record") as batch:
        batch.add_column(sa.Column("number", sa.Integer(), nullable=False, server_default="1"))
        batch.add_column(
            sa.Column("correction", sqlmodel.sql.sqltypes.AutoString(length=500), nullable=False, server_default="")
        )
        batch.drop_constraint(op.f("pk_dbs_record"), type_="primary")
        batch.create_primary_key(op.f("pk_dbs_record"), ["item_id", "number"])
    with op.batch_alter_table("dbs_record") as batch:
        batch.alter_column("number", server_default=None)
        batch.alter_column("correction", server_default=None)
    with op.batch_alter_table("framework") as batch:
        batch.add_column(sa.Column("wants_dbs_file", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute(
        "UPDATE framework SET wants_dbs_file = false"
        " WHERE EXISTS (SELECT 1 FROM file_switch WHERE kind_slug = 'dbs_enhanced')"
    )
    with op.batch_alter_table("framework") as batch:
        batch.alter_column("wants_dbs_file", server_default=None)
    op.drop_table("file_switch")
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("ends_on", sa.Date(), nullable=True))
    with op.batch_alter_table("floor_decision") as batch:
        batch.add_column(sa.Column("ends_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("confirmed_by", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("confirmed_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_floor_decision_confirmed_by"), "person", ["confirmed_by"], ["id"], ondelete="RESTRICT"
        )
        batch.drop_constraint(op.f("ck_floor_decision_choice"), type_="check")
        batch.create_check_constraint(op.f("ck_floor_decision_choice"), "choice in ('keep', 'watch', 'end')")
        batch.create_check_constraint(
            op.f("ck_floor_decision_end_has_a_last_day"), "choice <> 'end' OR ends_on IS NOT NULL"
        )
        batch.create_check_constraint(
            op.f("ck_floor_decision_two_people"), "confirmed_by IS NULL OR confirmed_by <> decided_by"
        )
        batch.create_check_constraint(
            op.f("ck_floor_decision_confirmed_by_somebody"), "(confirmed_by IS NULL) = (confirmed_at IS NULL)"
        )


def downgrade() -> None:
    """Of each DBS record the last telling stays; files are asked for of every kind; who was to end is kept."""
    op.execute("UPDATE floor_decision SET choice = 'keep' WHERE choice = 'end'")
    with op.batch_alter_table("floor_decision") as batch:
        for name in ("confirmed_by_somebody", "two_people", "end_has_a_last_day", "choice"):
            batch.drop_constraint(op.f(f"ck_floor_decision_{name}"), type_="check")
        batch.create_check_constraint(op.f("ck_floor_decision_choice"), "choice in ('keep', 'watch')")
        batch.drop_constraint(op.f("fk_floor_decision_confirmed_by"), type_="foreignkey")
        for column in ("confirmed_at", "confirmed_by", "ends_on"):
            batch.drop_column(column)
    with op.batch_alter_table("membership") as batch:
        batch.drop_column("ends_on")
    op.create_table(
        "file_switch",
        sa.Column("kind_slug", sqlmodel.sql.sqltypes.AutoString(length=60), nullable=False),
        sa.Column("off_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("off_by", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["kind_slug"], ["evidence_kind.slug"], name=op.f("fk_file_switch_kind_slug")),
        sa.ForeignKeyConstraint(["off_by"], ["person.id"], name=op.f("fk_file_switch_off_by"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("kind_slug", name=op.f("pk_file_switch")),
    )
    with op.batch_alter_table("framework") as batch:
        batch.drop_column("wants_dbs_file")
    op.execute(
        "DELETE FROM dbs_record WHERE number < (SELECT max(number) FROM dbs_record AS other WHERE other.item_id = dbs_record.item_id)"
    )
    with op.batch_alter_table("dbs_record") as batch:
        batch.drop_constraint(op.f("pk_dbs_record"), type_="primary")
        batch.create_primary_key(op.f("pk_dbs_record"), ["item_id"])
    with op.batch_alter_table("dbs_record") as batch:
        batch.drop_column("correction")
        batch.drop_column("number")
    with op.batch_alter_table("evidence_item") as batch:
        batch.drop_column("needs_new_at")
    op.execute("DELETE FROM change_notice WHERE change NOT IN ('replaced', 'returned', 'expired')")
    with op.batch_alter_table("change_notice") as batch:
        batch.drop_constraint(op.f("ck_change_notice_change"), type_="check")
        batch.create_check_constraint(op.f("ck_change_notice_change"), CHANGES_BEFORE)
    with op.batch_alter_table("second_look") as batch:
        batch.drop_column("first_replaced")
