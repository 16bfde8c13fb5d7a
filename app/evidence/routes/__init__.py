"""Evidence over HTTP: one router of its parts."""

from app.evidence.routes import (
    checks,
    consortia,
    dbs,
    documents,
    expiries,
    items,
    registers,
    reminders,
    retention,
    tasks,
)
from app.web.routing import Router

router = Router()
for part in (items, documents, checks, expiries, tasks, reminders, dbs, retention, registers, consortia):
    router.routes.extend(part.router.routes)
