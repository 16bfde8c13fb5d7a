"""Memberships over HTTP."""

from app.web.routing import Router

router = Router()
