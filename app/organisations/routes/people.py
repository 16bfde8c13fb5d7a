"""Who belongs to an organisation, and invitations."""

from typing import Any, Final
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from app.accounts.commands import count_try
from app.accounts.rules import Attempt
from app.accounts.visiting import VisitorDep
from app.core import clock
from app.core.actor import Actor
from app.core.database import Database
from app.core.refusals import Refusal, Refused
from app.organisations import commands, policy, queries, rules
from app.organisations.forms import InvitationForm
from app.organisations.rules import FITTING, KIND_WORDS, ROLE_WORDS, OrganisationKind
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router, anyone, signed_in

router = Router()

DONE: Final = {
    "invited": "The invitation is on its way.",
    "withdrawn": "The invitation is withdrawn: its link no longer works.",
    "ended": "The role has ended.",
    "accepted": "They belong here now, and have been told.",
    "refused": "They have been told that they cannot join, and why.",
    "joined": "You have accepted the invitation.",
}


@router.get("/organisations/{organisation_id}", allow=signed_in)
def people(request: Request, db: DatabaseDep, actor: ActorDep, organisation_id: UUID, done: str = "") -> Response:
    return _people_page(request, db, actor, organisation_id, blank(), done=DONE.get(done, ""))


@router.post("/organisations/{organisation_id}/invitations", allow=signed_in)
def invite(
    request: Request,
    db: DatabaseDep,
    actor: ActorDep,
    organisation_id: UUID,
    visitor: VisitorDep,
    form: Posted[InvitationForm] = posted(InvitationForm),
) -> Response:
    if form.value is None:
        return _people_page(request, db, actor, organisation_id, form, status=422)
    try:
        with db.write() as session:
            commands.invite(
                session, actor, organisation_id=organisation_id, email=form.value.email, role=form.value.role
            )
            count_try(session, Attempt.INVITE, email=actor.email, host=visitor.host)
    except Refused as refused:
        return _people_page(request, db, actor, organisation_id, form, status=409, refusal=refused.refusal)
    return see(f"/organisations/{organisation_id}?done=invited")


@router.post("/organisations/{organisation_id}/invitations/{invitation_id}/withdraw", allow=signed_in)
def withdraw(db: DatabaseDep, actor: ActorDep, organisation_id: UUID, invitation_id: UUID) -> Response:
    with db.write() as session:
        commands.withdraw_invitation(session, actor, invitation_id)
    return see(f"/organisations/{organisation_id}?done=withdrawn")


@router.post("/organisations/{organisation_id}/seats/{seat_id}/end", allow=signed_in)
def end_seat(request: Request, db: DatabaseDep, actor: ActorDep, organisation_id: UUID, seat_id: UUID) -> Response:
    try:
        with db.write() as session:
            commands.end_seat(session, actor, seat_id)
    except Refused as refused:
        return _people_page(request, db, actor, organisation_id, blank(), status=409, refusal=refused.refusal)
    return see(f"/organisations/{organisation_id}?done=ended")


@router.get("/invitations/{token}", allow=anyone)
def invitation(request: Request, db: DatabaseDep, actor: ActorDep, token: str) -> Response:
    return _invitation_page(request, db, actor, token)


@router.post("/invitations/{token}", allow=signed_in)
def accept(request: Request, db: DatabaseDep, actor: ActorDep, token: str) -> Response:
    try:
        with db.write() as session:
            organisation_id = commands.accept_invitation(session, actor, token)
    except Refused:
        return _invitation_page(request, db, actor, token, status=409)
    return see(f"/organisations/{organisation_id}?done=joined")


def _people_page(
    request: Request,
    db: Database,
    actor: Actor,
    organisation_id: UUID,
    form: Posted[Any],
    *,
    status: int = 200,
    refusal: Refusal | None = None,
    done: str = "",
) -> Response:
    with db.read() as session:
        found = queries.people(session, actor, organisation_id)
        requests = queries.open_requests(session, actor, organisation_id)
    mine = [seat for seat in found.seats if seat.email == actor.email]
    return page(
        request,
        "organisations/people.html",
        status=status,
        form=form,
        refusal=refusal,
        done=done,
        people=found,
        requests=requests,
        why_stay=next(filter(None, (rules.why_not_end(seat.role, managers=found.managers) for seat in mine)), None),
        manages=policy.manages(actor, organisation_id),
        kept={seat.id: rules.why_not_end(seat.role, managers=found.managers) for seat in found.seats},
        kind_words=KIND_WORDS[OrganisationKind(found.kind)],
        role_words=ROLE_WORDS,
        choices=[(role.value, *ROLE_WORDS[role]) for role in FITTING[OrganisationKind(found.kind)]],
    )


def _invitation_page(request: Request, db: Database, actor: Actor, token: str, *, status: int = 200) -> Response:
    """The invitation, and why it cannot be accepted by whoever looks at it, if it cannot."""
    try:
        with db.read() as session:
            found, now = queries.invitation(session, token), clock.now(session)
    except Refused as refused:
        return page(request, "organisations/dead-invitation.html", status=404, refusal=refused.refusal)
    refusal = rules.why_not_accept(
        sent_to=found.email,
        email=actor.email if signed_in(actor) else found.email,
        accepted=found.accepted,
        withdrawn=found.withdrawn,
        ends_at=found.ends_at,
        now=now,
    )
    return page(
        request,
        "organisations/invitation.html",
        status=status,
        invitation=found,
        refusal=refusal,
        token=token,
        role=ROLE_WORDS[found.role],
    )
