"""Frameworks as files over HTTP: the schema for everybody, any framework one may read as a file."""

import json
from uuid import UUID

from starlette.responses import Response

from app.frameworks import queries, rules
from app.web.routing import ActorDep, DatabaseDep, Router, anyone, signed_in

router = Router(prefix="/frameworks")

_SCHEMA = json.dumps(rules.schema(), ensure_ascii=False, indent=2)


@router.get("/schema.json", allow=anyone)
def show_schema() -> Response:
    return Response(_SCHEMA, media_type="application/schema+json")


@router.get("/{framework_id}/file", allow=signed_in)
def export_framework(actor: ActorDep, db: DatabaseDep, framework_id: UUID) -> Response:
    """What the framework states, as docs/framework-file.md tells it. Raises `NotFound` as its page does."""
    with db.read() as session:
        facts = queries.facts_of(session, queries.framework_row(session, actor, framework_id))
    return Response(
        rules.written(facts),
        media_type="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{facts.slug}.json"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )
