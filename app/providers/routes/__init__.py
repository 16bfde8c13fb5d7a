"""Providers over HTTP: one router of three parts."""

from app.providers.routes import offers, practitioners, profile
from app.web.routing import Router

router = Router()
for part in (profile, offers, practitioners):
    router.routes.extend(part.router.routes)
