"""Evidence over HTTP: one router of its parts."""

from app.evidence.routes import checks, documents, expiries, items, tasks
from app.web.routing import Router

router = Router()
for part in (items, documents, checks, expiries, tasks):
    router.routes.extend(part.router.routes)
