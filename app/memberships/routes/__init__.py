"""Memberships over HTTP: one router of several parts."""

from app.memberships.capacity import routes as capacity
from app.memberships.concerns import routes as concerns
from app.memberships.directory import routes as directory
from app.memberships.gaps import routes as gaps
from app.memberships.importing import routes as importing
from app.memberships.rates import routes as rates
from app.memberships.restriction import routes as restriction
from app.memberships.routes import changes, facts, members, pack, reliance
from app.memberships.signing import routes as signing
from app.memberships.variations import routes as variations
from app.web.routing import Router

router = Router()
for part in (
    capacity,
    directory,
    gaps,
    importing,
    members,
    signing,
    variations,
    rates,
    reliance,
    facts,
    changes,
    pack,
    concerns,
    restriction,
):
    router.routes.extend(part.router.routes)
