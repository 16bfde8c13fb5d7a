"""Applications over HTTP: applying and deciding, and how much was asked."""

from app.applications.routes import applications, approved, burden
from app.web.routing import Router

router = Router()
for part in (applications, approved, burden):
    router.routes.extend(part.router.routes)
