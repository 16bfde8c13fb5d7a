"""Organisations over HTTP: one router of several parts."""

from app.organisations.directory import routes as directory
from app.organisations.routes import joining, people
from app.web.routing import Router

router = Router()
for part in (people, joining, directory):
    router.routes.extend(part.router.routes)
