"""Evidence over HTTP: one router of three parts."""

from app.evidence.routes import checks, documents, items
from app.web.routing import Router

router = Router()
for part in (items, documents, checks):
    router.routes.extend(part.router.routes)
