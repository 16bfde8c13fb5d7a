"""The task list of a provider that has registered: its profile and its documents in one list."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse

from app.core import clock
from app.core.london import london_day
from app.evidence import queries
from app.evidence.rules.registration import ASKED_FIRST, supplied
from app.providers import policy
from app.providers.queries import own_provider, profile
from app.providers.rules import Status, documents_task
from app.web.pages import page
from app.web.routing import ActorDep, DatabaseDep, Router

router = Router()


@router.get("/providers/{provider_id}/tasks", allow=policy.members)
def tasks(request: Request, provider_id: UUID, db: DatabaseDep, actor: ActorDep) -> HTMLResponse:
    with db.read() as session:
        own_provider(session, actor, provider_id, *policy.EDITORS)
        told = profile(session, actor, provider_id)
        held = queries.held(session, provider_id, london_day(clock.now(session)))
    documents = documents_task(
        practitioners=len(told.practitioners),
        supplied=supplied((item.kind.slug, item.standing) for item in held),
        wanted=len(ASKED_FIRST),
    )
    listed = (*told.tasks, documents)
    done = sum(task.status is Status.COMPLETED for task in listed)
    return page(request, "evidence/tasks.html", told=told, tasks=listed, done=done)
