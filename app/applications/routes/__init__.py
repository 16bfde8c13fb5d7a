"""Applications over HTTP: applying and deciding, and how much was asked."""

from app.applications.routes import adding, answering, applying, approved, burden, deciding, letters, returning
from app.applications.scoring import routes as scoring
from app.web.routing import Router

router = Router()
for part in (applying, adding, answering, letters, returning, deciding, scoring, approved, burden):
    router.routes.extend(part.router.routes)
