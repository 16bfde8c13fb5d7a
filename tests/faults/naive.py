"""A naive portal: it looks, decides, and writes only some time later, with no lock on any row. The oracle has to see that.

The proof by mutation of bar R1, over HTTP; the test drops the unique index of receipts as well.
"""

import time
from typing import Any, Final

from fastapi import FastAPI
from sqlalchemy.sql.selectable import GenerativeSelect
from sqlmodel import select

from app import main
from app.bids import rules
from app.briefs.models import Brief
from app.core.database import Database
from app.core.refusals import Refusal

SLOW: Final = 60.0
"""Seconds between the check and the commit, at most: fewer where two people have opened the bids meanwhile."""


def create_app() -> FastAPI:
    def no_lock(query: Any, **how: Any) -> Any:
        return query

    def checked(**facts: Any) -> Refusal | None:
        refusal = check(**facts)
        if refusal is None:
            _dawdle(app.state.database)
        return refusal

    check, app = rules.why_not_submit, main.create_app()
    GenerativeSelect.with_for_update = no_lock  # type: ignore[method-assign]
    rules.why_not_submit = checked
    return app


def _dawdle(database: Database) -> None:
    until = time.monotonic() + SLOW
    while time.monotonic() < until:
        with database.read() as session:
            if session.exec(select(Brief.opened_at)).first():
                return
        time.sleep(0.05)
