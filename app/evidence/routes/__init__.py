"""Evidence over HTTP: one router of several parts."""

from app.evidence.routes import checks, consortia, documents, items, tasks
from app.web.routing import Router

router = Router()
for part in (items, documents, checks, tasks, consortia):
    router.routes.extend(part.router.routes)
