"""Providers over HTTP: one router of its parts."""

from app.providers.routes import (
    duplicates,
    importing,
    joining,
    offers,
    practices,
    practitioners,
    profile,
    registration,
    services,
    sites,
)
from app.web.routing import Router

router = Router()
for part in (registration, joining, profile, offers, practitioners, practices, importing, services, duplicates, sites):
    router.routes.extend(part.router.routes)
