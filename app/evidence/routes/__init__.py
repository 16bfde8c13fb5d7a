"""Evidence over HTTP: one router of several parts."""

from app.evidence.routes import checks, documents, items, reminders
from app.web.routing import Router

router = Router()
for part in (items, documents, checks, reminders):
    router.routes.extend(part.router.routes)
