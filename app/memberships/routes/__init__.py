"""Memberships over HTTP: one router of several parts."""

from app.memberships.capacity import routes as capacity
from app.memberships.concerns import routes as concerns
from app.memberships.directory import routes as directory
from app.memberships.gaps import routes as gaps
from app.memberships.importing import routes as importing
from app.memberships.restriction import routes as restriction
from app.memberships.routes import agreement, changes, facts, pack, reliance
from app.web.routing import Router

router = Router()
for part in (capacity, directory, gaps, importing, agreement, reliance, facts, changes, pack, concerns, restriction):
    router.routes.extend(part.router.routes)
