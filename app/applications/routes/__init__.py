"""Applications over HTTP: applying and deciding, and how much was asked."""

from app.applications.routes import adding, applying, approved, burden, deciding, letters, returning
from app.web.routing import Router

router = Router()
for part in (applying, adding, letters, returning, deciding, approved, burden):
    router.routes.extend(part.router.routes)
