"""Evidence over HTTP: one router of four parts."""

from app.evidence.routes import checks, documents, items, registers
from app.web.routing import Router

router = Router()
for part in (items, documents, checks, registers):
    router.routes.extend(part.router.routes)
