"""Frameworks over HTTP: one router of its parts. The paths with a name go before those with an id."""

from app.frameworks.routes import draft_evidence, drafts, files, rounds, starting, whole
from app.web.routing import Router

router = Router()
for part in (files, starting, draft_evidence, drafts, rounds, whole):
    router.routes.extend(part.router.routes)
