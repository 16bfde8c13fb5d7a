"""Providers over HTTP: one router of several parts."""

from app.providers.routes import offers, practitioners, profile, registration
from app.web.routing import Router

router = Router()
for part in (registration, profile, offers, practitioners):
    router.routes.extend(part.router.routes)
