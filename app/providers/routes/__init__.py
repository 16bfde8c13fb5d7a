"""Providers over HTTP: one router of its parts."""

from app.providers.routes import importing, offers, practices, practitioners, profile, services
from app.web.routing import Router

router = Router()
for part in (profile, offers, practitioners, practices, importing, services):
    router.routes.extend(part.router.routes)
