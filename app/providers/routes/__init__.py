"""Providers over HTTP: one router of several parts."""

from app.providers.routes import duplicates, joining, offers, practitioners, profile, registration, sites
from app.web.routing import Router

router = Router()
for part in (registration, joining, profile, offers, practitioners, sites, duplicates):
    router.routes.extend(part.router.routes)
