"""What keeps pages quick in a large market: indexes, a mark on evidence that is decided, none on looks that were taken.

And who wants to be told when a framework is open again.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_DECIDED = "EXISTS (SELECT 1 FROM verification WHERE verification.item_id = evidence_item.id)"

_LOOKED_AT = (
    "EXISTS (SELECT 1 FROM second_look WHERE second_look.item_id = verification.item_id "
    "AND second_look.first_at = verification.at)"
)


def upgrade() -> None:
    op.add_column("evidence_item", sa.Column("decided", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(f"UPDATE evidence_item SET decided = true WHERE {_DECIDED}")
    _mark()
    op.execute(f"UPDATE verification SET second_look = false WHERE {_LOOKED_AT}")
    op.create_index("ix_evidence_item_undecided", "evidence_item", ["submitted_at", "id"], **_where("NOT decided", "decided = 0"))
    op.create_index("ix_evidence_item_rating", "evidence_item", ["rating"], **_where("rating IS NOT NULL"))
    op.create_index("ix_practitioner_left", "practitioner", ["id"], **_where("left_at IS NOT NULL"))
    op.create_index("ix_membership_cell", "membership", ["lot_id", "region_id", "id"])
    op.drop_index("ix_membership_lot_region", "membership")
    op.create_table(
        "round_wish",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("framework_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("told_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=True),
        *(
            sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_round_wish_{name}"), ondelete="RESTRICT")
            for name, target in (
                ("framework_id", "framework.id"),
                ("provider_id", "provider.id"),
                ("asked_by", "person.id"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_wish")),
    )
    op.create_index(op.f("ix_round_wish_provider_id"), "round_wish", ["provider_id"])
    op.create_index(
        "uq_round_wish_waiting", "round_wish", ["framework_id", "provider_id"], unique=True, **_where("told_at IS NULL")
    )


def downgrade() -> None:
    op.drop_table("round_wish")
    op.execute(f"UPDATE verification SET second_look = true WHERE {_LOOKED_AT}")
    op.create_index("ix_membership_lot_region", "membership", ["lot_id", "region_id"])
    op.drop_index("ix_membership_cell", "membership")
    op.drop_index("ix_practitioner_left", "practitioner")
    op.drop_index("ix_evidence_item_rating", "evidence_item")
    op.drop_index("ix_evidence_item_undecided", "evidence_item")
    op.execute("DROP TRIGGER evidence_item_decided" + _on_verification())
    op.execute("DROP TRIGGER evidence_item_undecided" + _on_verification())
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION evidence_item_mark()")
    op.drop_column("evidence_item", "decided")


def _mark() -> None:
    """The mark follows the decision, whoever writes it."""
    if op.get_bind().dialect.name == "sqlite":
        for name, verb, row, value in (("decided", "INSERT", "NEW", 1), ("undecided", "DELETE", "OLD", 0)):
            op.execute(
                f"CREATE TRIGGER evidence_item_{name} AFTER {verb} ON verification "
                f"BEGIN UPDATE evidence_item SET decided = {value} WHERE id = {row}.item_id; END"
            )
        return
    op.execute(
        "CREATE FUNCTION evidence_item_mark() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "UPDATE evidence_item SET decided = (TG_OP = 'INSERT') "
        "WHERE id = CASE WHEN TG_OP = 'INSERT' THEN NEW.item_id ELSE OLD.item_id END; RETURN NULL; END $$"
    )
    for name, verb in (("decided", "INSERT"), ("undecided", "DELETE")):
        op.execute(
            f"CREATE TRIGGER evidence_item_{name} AFTER {verb} ON verification "
            "FOR EACH ROW EXECUTE FUNCTION evidence_item_mark()"
        )


def _on_verification() -> str:
    return "" if op.get_bind().dialect.name == "sqlite" else " ON verification"


def _where(words: str, on_sqlite: str = "") -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(on_sqlite or words), "postgresql_where": sa.text(words)}
