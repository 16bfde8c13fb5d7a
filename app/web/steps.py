"""One step about a record: taken in a write of its own, and where it is refused the record's page again, saying why."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlmodel import Session
from starlette.responses import Response

from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.web.forms import Form, M, Posted
from app.web.pages import see

NOTHING: Final = Posted(Form())
"""What a button sends that asks nothing."""

_NOWHERE: Final[Mapping[str, str]] = {}


def take(
    db: Database,
    form: Posted[M],
    step: Callable[[Session, M], object],
    again: Callable[[Posted[Any], Refusal | None], Response],
    then: str,
    *,
    beside: Mapping[str, str] = _NOWHERE,
) -> Response:
    """On to `then`; or `again`, with the form's faults or the refusal. `beside` names the field to say it at, by its code.

    A refusal that knows its fields is said at those.
    """
    if form.value is None:
        return again(form, None)
    try:
        with db.write() as session:
            step(session, form.value)
    except Refused as refused:
        refusal = refused.refusal
        name = beside.get(refusal.code)
        if errors := {name: refusal.words} if name else dict(refusal.at):
            return again(form.but(**errors), None)
        return again(form, refusal)
    return see(then)
