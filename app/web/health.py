"""Two doors for machines: is the process alive, and is it ready to serve."""

from fastapi.responses import PlainTextResponse

from app.core.database import is_ready
from app.web.routing import DatabaseDep, Router, anyone

router = Router()


@router.get("/healthz", allow=anyone)
def healthz() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get("/readyz", allow=anyone)
def readyz(db: DatabaseDep) -> PlainTextResponse:
    with db.read() as session:
        ready = is_ready(session)
    return PlainTextResponse("ready\n" if ready else "not ready\n", 200 if ready else 503)
