"""The task list of a provider that has registered: its profile and its documents in one list."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.core import clock
from app.core.london import london_day
from app.evidence import queries
from app.evidence.rules.registration import ASKED_FIRST, supplied
from app.providers import policy
from app.providers.queries import let_in, profile
from app.providers.rules import Status, documents_task
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/providers/{provider_id}/tasks", allow=policy.members)
def tasks(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    let_in(actor, provider_id, *policy.EDITORS)
    with db.read() as session:
        told = profile(session, actor, provider_id)
        held = queries.held(session, provider_id, london_day(clock.now(session)))
        names = {kind.slug: kind.name for kind in queries.kinds(session)}
    done_already = supplied((item.kind.slug, item.standing) for item in held)
    documents = documents_task(
        practitioners=len(told.practitioners),
        supplied=len(done_already),
        wanting=[names.get(slug, slug) for slug in ASKED_FIRST if slug not in done_already],
    )
    listed = (*told.tasks, documents)
    done = sum(task.status is Status.COMPLETED for task in listed)
    return page(request, "evidence/tasks.html", told=told, tasks=listed, done=done)
