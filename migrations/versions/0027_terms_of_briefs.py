"""What a brief asks for beside its words: route, work, money, price formula, questions; a draft may be unfinished."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None

_LISTS = ("settings", "key_dates", "review_dates", "funding", "questions", "advice_left")
_TEXTS = {"route_reason": 1000, "fund_application": 80, "panel_reference": 80}
_WORDS = ("route", "delivery")
_DAYS = ("ends_by", "assessed_on", "panel_on", "fund_apply_by")
_CHECKS = {
    "ck_brief_route": "route in ('mini_competition', 'family_choice', 'direct', 'block', 'spot')",
    "ck_brief_delivery": "delivery in ('in_person', 'online', 'either')",
    "ck_brief_price_formula": "price_formula in ('lowest_share', 'straight_line')",
    "ck_brief_published_route": "published_at IS NULL OR route = 'mini_competition'",
    "ck_brief_published_whole": "published_at IS NULL"
    " OR (sessions IS NOT NULL AND start_by IS NOT NULL AND budget_pence IS NOT NULL)",
    "ck_brief_children": "children > 0",
    "ck_brief_awards": "awards > 0",
    "ck_brief_places": "places > 0",
}
_UNFINISHED: dict[str, sa.types.TypeEngine[Any]] = {
    "sessions": sa.Integer(), "start_by": sa.Date(), "budget_pence": sa.BigInteger(),
}


def upgrade() -> None:
    """Whatever was published before went out as a mini-competition: there was no other way."""
    text = sqlmodel.sql.sqltypes.AutoString
    with _triggers_kept():
        with op.batch_alter_table("brief") as batch:
            for name in _LISTS:
                batch.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))
            batch.add_column(sa.Column("therapies", sa.JSON(), nullable=False, server_default="{}"))
            for name, length in _TEXTS.items():
                batch.add_column(sa.Column(name, text(length=length), nullable=False, server_default=""))
            for name in _WORDS:
                batch.add_column(sa.Column(name, text(length=20), nullable=True))
            for name in _DAYS:
                batch.add_column(sa.Column(name, sa.Date(), nullable=True))
            batch.add_column(sa.Column("children", sa.Integer(), nullable=False, server_default="1"))
            batch.add_column(sa.Column("awards", sa.Integer(), nullable=False, server_default="1"))
            batch.add_column(sa.Column("places", sa.Integer(), nullable=True))
            batch.add_column(
                sa.Column("price_formula", text(length=20), nullable=False, server_default="lowest_share")
            )
            batch.add_column(sa.Column("two_envelopes", sa.Boolean(), nullable=False, server_default=sa.false()))
            batch.add_column(sa.Column("copied_from_id", sa.Uuid(), nullable=True))
        op.execute("UPDATE brief SET route = 'mini_competition' WHERE published_at IS NOT NULL")
        with op.batch_alter_table("brief") as batch:
            for name in (*_LISTS, *_TEXTS, "therapies", "children", "awards", "price_formula", "two_envelopes"):
                batch.alter_column(name, server_default=None)
            for name, kind in _UNFINISHED.items():
                batch.alter_column(name, existing_type=kind, nullable=True)
            for name, words in _CHECKS.items():
                batch.create_check_constraint(op.f(name), words)
            batch.create_foreign_key(
                op.f("fk_brief_copied_from_id"), "brief", ["copied_from_id"], ["id"], ondelete="RESTRICT"
            )
            batch.create_index(op.f("ix_brief_copied_from_id"), ["copied_from_id"])


def downgrade() -> None:
    """An unfinished draft gets the least that the old columns take."""
    op.execute("UPDATE brief SET sessions = coalesce(sessions, 1), budget_pence = coalesce(budget_pence, 1)")
    op.execute("UPDATE brief SET start_by = date(closes_at) WHERE start_by IS NULL")
    with _triggers_kept(), op.batch_alter_table("brief") as batch:
        batch.drop_index(op.f("ix_brief_copied_from_id"))
        batch.drop_constraint(op.f("fk_brief_copied_from_id"), type_="foreignkey")
        for name in _CHECKS:
            batch.drop_constraint(op.f(name), type_="check")
        for name, kind in _UNFINISHED.items():
            batch.alter_column(name, existing_type=kind, nullable=False)
        for name in (*_LISTS, *_TEXTS, *_WORDS, *_DAYS, "therapies", "children", "awards", "places"):
            batch.drop_column(name)
        for name in ("price_formula", "two_envelopes", "copied_from_id"):
            batch.drop_column(name)


@contextmanager
def _triggers_kept() -> Iterator[None]:
    """SQLite makes the table anew, and its triggers go with the old one."""
    made = []
    if op.get_bind().dialect.name == "sqlite":
        kept = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'brief'"
        made = list(op.get_bind().execute(sa.text(kept)).scalars())
    yield
    for trigger in made:
        op.get_bind().exec_driver_sql(trigger)
