"""requirements as rules, and how evidence is checked"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STRING = sqlmodel.sql.sqltypes.AutoString
_MOMENT = sqlmodel.sql.sqltypes.UTCDateTime


def upgrade() -> None:
    with op.batch_alter_table("lot") as batch:
        batch.add_column(sa.Column("requirement", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("evidence_item") as batch:
        batch.add_column(sa.Column("answer", _STRING(length=20), nullable=True))
        batch.add_column(sa.Column("rating", _STRING(length=30), nullable=True))
        batch.add_column(sa.Column("inspected_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("confidential_reason", _STRING(length=300), nullable=False, server_default=""))
        batch.create_check_constraint(
            op.f("ck_evidence_item_answer"), "answer in ('registered', 'exempt_agency', 'exempt_adults', 'applied')"
        )
        batch.create_check_constraint(
            op.f("ck_evidence_item_rating"),
            "rating in ('outstanding', 'good', 'requires_improvement', 'inadequate', 'not_inspected')",
        )
    with op.batch_alter_table("verification") as batch:
        batch.add_column(sa.Column("confirmed_by", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("checklist", sa.JSON(), nullable=False, server_default="{}"))
        batch.add_column(sa.Column("second_look", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.create_foreign_key(
            op.f("fk_verification_confirmed_by_person"), "person", ["confirmed_by"], ["id"], ondelete="RESTRICT"
        )
        batch.create_index(op.f("ix_verification_second_look"), ["second_look"])
        batch.drop_constraint(op.f("ck_verification_outcome"), type_="check")
        batch.create_check_constraint(
            op.f("ck_verification_outcome"), "outcome in ('verified', 'returned', 'refused')"
        )
        batch.create_check_constraint(
            op.f("ck_verification_refused_by_two"),
            "outcome <> 'refused' OR (reason_code <> '' AND fix <> '' AND confirmed_by IS NOT NULL)",
        )
        batch.create_check_constraint(
            op.f("ck_verification_two_people"), "confirmed_by IS NULL OR confirmed_by <> checker_id"
        )
    _create_tables()


def _create_tables() -> None:
    op.create_table(
        "check_taken",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", _MOMENT(), nullable=False),
        *_refer("check_taken", item_id="evidence_item", person_id="person"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_check_taken")),
    )
    op.create_index(op.f("ix_check_taken_person_id"), "check_taken", ["person_id"])
    op.create_table(
        "refusal_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("proposer_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("reason_code", _STRING(length=40), nullable=False),
        sa.Column("words", _STRING(length=1000), nullable=False),
        sa.Column("proposed_at", _MOMENT(), nullable=False),
        sa.Column("settlement", _STRING(length=20), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_at", _MOMENT(), nullable=True),
        sa.Column("note", _STRING(length=1000), nullable=False),
        sa.CheckConstraint(
            "settlement in ('confirmed', 'sent_back', 'withdrawn')", name=op.f("ck_refusal_proposal_settlement")
        ),
        sa.CheckConstraint(
            "settled_by IS NULL OR settled_by <> proposer_id", name=op.f("ck_refusal_proposal_two_people")
        ),
        sa.CheckConstraint(
            "(settlement IS NULL) = (settled_at IS NULL)", name=op.f("ck_refusal_proposal_settled")
        ),
        sa.CheckConstraint(
            "settlement IS NULL OR settlement = 'withdrawn' OR settled_by IS NOT NULL",
            name=op.f("ck_refusal_proposal_by_somebody"),
        ),
        *_refer(
            "refusal_proposal",
            item_id="evidence_item",
            proposer_id="person",
            proposer_organisation_id="organisation",
            settled_by="person",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal_proposal")),
    )
    op.create_index(op.f("ix_refusal_proposal_item_id"), "refusal_proposal", ["item_id"])
    op.create_index(
        "uq_refusal_proposal_open",
        "refusal_proposal",
        ["item_id"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "second_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("first_checker_id", sa.Uuid(), nullable=False),
        sa.Column("first_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("first_at", _MOMENT(), nullable=False),
        sa.Column("first_how", _STRING(length=500), nullable=False),
        sa.Column("first_checklist", sa.JSON(), nullable=False),
        sa.Column("checker_id", sa.Uuid(), nullable=False),
        sa.Column("checker_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("words", _STRING(length=1000), nullable=False),
        sa.Column("at", _MOMENT(), nullable=False),
        sa.CheckConstraint("checker_id <> first_checker_id", name=op.f("ck_second_look_two_people")),
        sa.CheckConstraint("agrees OR words <> ''", name=op.f("ck_second_look_disagreement_says_why")),
        *_refer(
            "second_look",
            item_id="evidence_item",
            first_checker_id="person",
            first_organisation_id="organisation",
            checker_id="person",
            checker_organisation_id="organisation",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_look")),
        sa.UniqueConstraint("item_id", "first_at", name=op.f("uq_second_look_item_id_first_at")),
    )
    op.create_index(op.f("ix_second_look_item_id"), "second_look", ["item_id"])
    op.create_table(
        "register_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("register_key", _STRING(length=40), nullable=False),
        sa.Column("looked_on", sa.Date(), nullable=False),
        sa.Column("result", _STRING(length=20), nullable=False),
        sa.Column("note", _STRING(length=1000), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("checker_id", sa.Uuid(), nullable=False),
        sa.Column("checker_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("at", _MOMENT(), nullable=False),
        sa.CheckConstraint("result in ('matches', 'differs', 'not_found')", name=op.f("ck_register_check_result")),
        *_refer(
            "register_check",
            item_id="evidence_item",
            document_id="document",
            checker_id="person",
            checker_organisation_id="organisation",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_check")),
    )
    op.create_index(op.f("ix_register_check_item_id"), "register_check", ["item_id"])


    op.create_table(
        "floor_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("choice", _STRING(length=20), nullable=False),
        sa.Column("reason", _STRING(length=1000), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("at", _MOMENT(), nullable=False),
        sa.CheckConstraint("choice in ('keep', 'watch')", name=op.f("ck_floor_decision_choice")),
        sa.CheckConstraint(
            "choice <> 'watch' OR review_on IS NOT NULL", name=op.f("ck_floor_decision_watch_is_reviewed")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_floor_decision_says_why")),
        *_refer(
            "floor_decision",
            framework_id="framework",
            provider_id="provider",
            item_id="evidence_item",
            decided_by="person",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor_decision")),
    )
    for column in ("framework_id", "provider_id", "item_id"):
        op.create_index(op.f(f"ix_floor_decision_{column}"), "floor_decision", [column])


def _refer(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete="RESTRICT"
        )
        for column, other in columns.items()
    ]


def downgrade() -> None:
    """What two people refused counts as returned, with the same reason and words."""
    for table in ("floor_decision", "register_check", "second_look", "refusal_proposal", "check_taken"):
        op.drop_table(table)
    op.execute("UPDATE verification SET outcome = 'returned' WHERE outcome = 'refused'")
    with op.batch_alter_table("verification") as batch:
        batch.drop_constraint(op.f("ck_verification_two_people"), type_="check")
        batch.drop_constraint(op.f("ck_verification_refused_by_two"), type_="check")
        batch.drop_constraint(op.f("ck_verification_outcome"), type_="check")
        batch.create_check_constraint(op.f("ck_verification_outcome"), "outcome in ('verified', 'returned')")
        batch.drop_index(op.f("ix_verification_second_look"))
        batch.drop_constraint(op.f("fk_verification_confirmed_by_person"), type_="foreignkey")
        for column in ("second_look", "checklist", "confirmed_by"):
            batch.drop_column(column)
    with op.batch_alter_table("evidence_item") as batch:
        batch.drop_constraint(op.f("ck_evidence_item_rating"), type_="check")
        batch.drop_constraint(op.f("ck_evidence_item_answer"), type_="check")
        for column in ("confidential_reason", "inspected_on", "rating", "answer"):
            batch.drop_column(column)
    with op.batch_alter_table("lot") as batch:
        batch.drop_column("requirement")
