"""Two doors for machines: is the process alive, and is it ready to serve.

Not ready is a process whose clock is far from the database's. It decides nothing by it, but something is wrong with its machine.
"""

from fastapi.responses import PlainTextResponse

from app.core import clock
from app.web.routing import DatabaseDep, Router, anyone

router = Router()


@router.get("/healthz", allow=anyone)
def healthz() -> PlainTextResponse:
    return PlainTextResponse("ok\n")


@router.get("/readyz", allow=anyone)
def readyz(db: DatabaseDep) -> PlainTextResponse:
    with db.read() as session:
        why = clock.why_not_ready(session)
    return PlainTextResponse(f"not ready: {why}\n" if why else "ready\n", 503 if why else 200)
