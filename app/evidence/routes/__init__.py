"""Evidence over HTTP: one router of several parts."""

from app.evidence.routes import checks, dbs, documents, items, reminders, retention
from app.web.routing import Router

router = Router()
for part in (items, documents, checks, reminders, dbs, retention):
    router.routes.extend(part.router.routes)
