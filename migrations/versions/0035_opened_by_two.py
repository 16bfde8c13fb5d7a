"""A brief is marked as opened, and its prices are, only where two people have approved that: since its close, and before the mark.

The database itself refuses it otherwise, after its own checks of the order of the moments. That the two people are different,
and that quality was put on record before the prices, are constraints of the approvals already. What is asked is asked of a
change alone: a brief that is only being added has no bid yet, nor can it have approvals.
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_MARKS = {
    "opened": "SELECT count(*) FROM opening_approval WHERE brief_id = NEW.id AND at BETWEEN NEW.closes_at AND NEW.opened_at",
    "prices_opened": "SELECT count(*) FROM price_approval WHERE brief_id = NEW.id AND at <= NEW.prices_opened_at",
}


def upgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for mark, approvals in _MARKS.items():
        changed = f"NEW.{mark}_at IS NOT NULL AND NEW.{mark}_at IS {'NOT' if on_sqlite else 'DISTINCT FROM'} OLD.{mark}_at"
        trigger = f"CREATE TRIGGER brief_{mark}_by_two AFTER UPDATE OF {mark}_at ON brief"
        if on_sqlite:
            op.execute(
                f"{trigger} WHEN {changed} AND ({approvals}) < 2 "
                f"BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ck_brief_{mark}_by_two'); END"
            )
            continue
        op.execute(
            f"CREATE FUNCTION brief_refuse_unless_{mark}_by_two() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF ({approvals}) < 2 THEN RAISE EXCEPTION 'two people have not approved it' "
            f"USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_brief_{mark}_by_two', TABLE = 'brief'; "
            "END IF; RETURN NULL; END $$"
        )
        op.execute(f"{trigger} FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION brief_refuse_unless_{mark}_by_two()")


def downgrade() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for mark in _MARKS:
        op.execute(f"DROP TRIGGER brief_{mark}_by_two" + ("" if on_sqlite else " ON brief"))
        if not on_sqlite:
            op.execute(f"DROP FUNCTION brief_refuse_unless_{mark}_by_two()")
