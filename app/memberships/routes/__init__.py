"""Memberships over HTTP: one router of several parts."""

from app.memberships.routes import agreement, changes, pack, reliance
from app.web.routing import Router

router = Router()
for part in (agreement, reliance, changes, pack):
    router.routes.extend(part.router.routes)
