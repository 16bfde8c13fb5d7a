"""Frameworks over HTTP: one router of its parts. The paths with a name go before those with an id."""

from app.frameworks.routes import files, whole
from app.web.routing import Router

router = Router()
for part in (files, whole):
    router.routes.extend(part.router.routes)
