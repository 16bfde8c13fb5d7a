"""When a provider is reminded of what lapses, and where its practitioners are."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from app.core import clock
from app.core.actor import Actor
from app.core.london import london_day
from app.evidence import commands, policy
from app.evidence.forms import ReminderAddressForm
from app.evidence.queries.expiry import coming, reminder_addresses
from app.providers.queries import own_provider, practitioners
from app.web.forms import Posted, blank, posted
from app.web.pages import page, see
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/providers/{provider_id}/reminders", allow=policy.members)
def reminders(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    return _reminders(request, provider_id, db, actor, blank())


@router.post("/providers/{provider_id}/reminders", allow=policy.members)
def save_address(
    request: Request,
    provider_id: UUID,
    db: DatabaseDep,
    actor: ActorDep,
    form: Posted[ReminderAddressForm] = posted(ReminderAddressForm),
) -> Response:
    if form.value is None:
        return _reminders(request, provider_id, db, actor, form)
    with db.write() as session:
        commands.give_reminder_address(session, actor, provider_id, form.value.practitioner_id, form.value.email or "")
    return see(f"/providers/{provider_id}/reminders")


def _reminders(
    request: Request, provider_id: UUID, db: DatabaseDep, actor: Actor, form: Posted[ReminderAddressForm]
) -> HTMLResponse:
    with db.read() as session:
        name = own_provider(session, actor, provider_id)[1].name
        on = london_day(clock.now(session))
        rows = coming(session, provider_id, on)
        people = [(person.id, person.name) for person in practitioners(session, provider_id)]
        addresses = reminder_addresses(session, [provider_id])
    return page(
        request,
        "evidence/reminders.html",
        status=422 if form.errors else 200,
        provider_id=provider_id,
        name=name,
        on=on,
        rows=rows,
        people=people,
        addresses=addresses,
        form=form,
        may_keep=policy.may_keep(actor, provider_id),
    )
