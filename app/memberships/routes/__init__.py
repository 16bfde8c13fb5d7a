"""Memberships over HTTP: one router of several parts."""

from app.memberships.capacity import routes as capacity
from app.memberships.gaps import routes as gaps
from app.memberships.routes import agreement, changes, pack, reliance
from app.web.routing import Router

router = Router()
for part in (capacity, gaps, agreement, reliance, changes, pack):
    router.routes.extend(part.router.routes)
