"""A member's prices over HTTP: what holds, what is proposed, and the answer of the other side."""

from collections.abc import Callable
from functools import partial
from typing import Final
from uuid import UUID

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from app.core.actor import Actor
from app.core.refusals import Refusal
from app.memberships import policy
from app.memberships.rates import commands, queries
from app.memberships.rates.forms import RateForm
from app.web.forms import Posted, blank, posted
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router, moment_of
from app.web.steps import NOTHING, take

router = Router()
_BESIDE: Final = {"pence": "pence", "from_on": "from_on"}


@router.get("/memberships/{membership_id}/rates", allow=policy.agreement_readers)
def show_rates(request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID) -> Response:
    return _page(request, actor, db, membership_id, blank())


@router.post("/memberships/{membership_id}/rates", allow=policy.rate_askers)
def propose_rate(
    request: Request, actor: ActorDep, db: DatabaseDep, membership_id: UUID, form: Posted[RateForm] = posted(RateForm)
) -> Response:
    return take(
        db,
        form,
        lambda session, given: commands.propose_rate(
            session, actor, membership_id, given.unit, given.pence, given.from_on, given.reason
        ),
        partial(_page, request, actor, db, membership_id),
        f"/memberships/{membership_id}/rates",
        beside=_BESIDE,
    )


@router.post("/rate-changes/{rate_id}/agree", allow=policy.rate_askers)
def agree_rate(request: Request, actor: ActorDep, db: DatabaseDep, rate_id: UUID) -> Response:
    return _answer(request, actor, db, rate_id, lambda session: commands.agree_rate(session, actor, rate_id))


@router.post("/rate-changes/{rate_id}/decline", allow=policy.rate_askers)
def decline_rate(request: Request, actor: ActorDep, db: DatabaseDep, rate_id: UUID) -> Response:
    return _answer(request, actor, db, rate_id, lambda session: commands.decline_rate(session, actor, rate_id))


def _answer(
    request: Request, actor: Actor, db: DatabaseDep, rate_id: UUID, step: Callable[[Session], None]
) -> Response:
    with db.read() as session:
        membership_id = queries.membership_of(session, rate_id, moment_of(request, session))
    again = partial(_page, request, actor, db, membership_id)
    return take(db, NOTHING, lambda session, _: step(session), again, f"/memberships/{membership_id}/rates")


def _page(
    request: Request,
    actor: Actor,
    db: DatabaseDep,
    membership_id: UUID,
    form: Posted[RateForm],
    refusal: Refusal | None = None,
) -> Response:
    with db.read() as session:
        found = queries.card(session, actor, membership_id, moment_of(request, session))
    return page(
        request,
        "memberships/rates.html",
        status=409 if refusal else 422 if form.errors else 200,
        found=found,
        form=form,
        refusal=refusal,
    )
