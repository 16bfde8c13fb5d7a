"""PostgreSQL waits in the audit chain's line and says what stands last in one question instead of two."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(  # volatile, so that what stands last is read as it is once the lock is held
        "CREATE FUNCTION audit_newest(line bigint, OUT stands_at bigint, OUT stands_as varchar) "
        "LANGUAGE plpgsql VOLATILE AS $$ BEGIN "
        "PERFORM pg_advisory_xact_lock(line); "
        "SELECT position, digest INTO stands_at, stands_as FROM audit_event ORDER BY position DESC LIMIT 1; "
        "END $$"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_newest(bigint)")
