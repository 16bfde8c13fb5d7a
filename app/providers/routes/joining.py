"""Asking to join a provider that is registered: the answer is the same whether or not there is one."""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.accounts.commands import count_try
from app.accounts.rules import Attempt
from app.accounts.visiting import VisitorDep
from app.core.refusals import Refused
from app.organisations.commands import ask_to_join
from app.providers import policy, queries
from app.providers.forms import JoinForm
from app.web.evenly import answer_evenly
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router(prefix="/providers")


@router.get("/join", allow=policy.registrars)
def joining(request: Request, known_as: str = "", sent: str = "") -> HTMLResponse:
    return page(request, "providers/join.html", form=blank(known_as=known_as[:200]), sent=sent == "yes", refusal=None)


@router.post("/join", allow=policy.registrars)
def ask(
    request: Request, db: DatabaseDep, actor: ActorDep, visitor: VisitorDep, form: Posted[JoinForm] = posted(JoinForm)
) -> Response:
    if form.value is None:
        return page(request, "providers/join.html", status=422, form=form, sent=False, refusal=None)
    try:
        with db.write() as session:
            count_try(session, Attempt.JOIN, email=actor.email, host=visitor.host)
    except Refused as refused:
        return page(request, "providers/join.html", status=409, form=form, sent=False, refusal=refused.refusal)
    with db.write() as session:
        ask_to_join(session, actor, queries.known_as(session, form.value.known_as), words=form.value.words)
    answer_evenly(form.arrived)
    return see("/providers/join?sent=yes")
