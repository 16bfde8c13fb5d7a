"""The floor: the bare work of each measured page in a few lines, with nobody signed in, nothing checked, nothing recorded."""

import fcntl
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import FastAPI, Form, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader
from sqlmodel import Session, col, create_engine, select

from app.accounts.models import AttemptCount
from app.bids.models import Bid
from app.briefs.models import Brief, BriefCriterion, BriefInvitation
from app.frameworks.models import Framework, Lot, Region
from app.frameworks.rules import Service
from app.organisations.models import Organisation
from app.settings import Settings, settings

ROWS = 50
HERE = "tests/bench/templates"
SHOWN = (
    *(Brief.id, Brief.reference, Brief.title, Brief.budget_pence, Brief.closes_at),
    *(Framework.name, Lot.number, Lot.name, Region.name, Organisation.name),
)
FRAME: dict[str, Any] = {
    "actor": {"person_id": 1, "name": "Ann Example", "seats": [{"organisation_name": "Example Therapy"}]},
    "navigation": [{"label": label, "href": "/", "current": False} for label in ("Briefs", "Bids", "Evidence", "You")],
    "demonstration": False,
}


def create_app() -> FastAPI:
    """`/list/{provider}`, `/brief/{brief}/{provider}`, `/page`, and posted `/insert`, `/insert/out-of-turn` and `/upload`.

    On SQLite `/insert` waits in the fair line of decision 7, and `/insert/out-of-turn` is left to SQLite's own retries.
    """
    config, app = settings(), FastAPI(openapi_url=None)
    engine = create_engine(config.database_url, pool_size=config.threads)
    in_line = Path(f"{engine.url.database}.floor") if engine.dialect.name == "sqlite" else None
    templates = Environment(loader=FileSystemLoader([config.root / "templates", config.root / HERE]), autoescape=True)

    def page(name: str, **context: Any) -> HTMLResponse:
        return HTMLResponse(templates.get_template(name).render(FRAME | context))

    @app.get("/list/{provider_id}")
    def open_briefs(provider_id: UUID) -> HTMLResponse:
        wanted = (
            select(*SHOWN)  # type: ignore[call-overload]
            .join(BriefInvitation, col(BriefInvitation.brief_id) == Brief.id)
            .join(Framework, col(Framework.id) == Brief.framework_id)
            .join(Lot, col(Lot.id) == Brief.lot_id)
            .join(Region, col(Region.id) == Brief.region_id)
            .join(Organisation, col(Organisation.id) == Brief.raa_id)
            .where(BriefInvitation.provider_id == provider_id, Brief.closes_at > datetime.now(UTC))
            .order_by(col(Brief.closes_at))
            .limit(ROWS)
        )
        with Session(engine) as session:
            rows = session.exec(wanted).all()
            regions = session.exec(select(Region.id, Region.name).order_by(Region.name)).all()
        return page("list.html", rows=rows, regions=regions, services=list(Service))

    @app.get("/brief/{brief_id}/{provider_id}")
    def brief(brief_id: UUID, provider_id: UUID) -> HTMLResponse:
        with Session(engine) as session:
            row, lot, region, raa, state = session.exec(
                select(Brief, Lot.name, Region.name, Organisation.name, Bid.state)
                .join(BriefInvitation, col(BriefInvitation.brief_id) == Brief.id)
                .join(Lot, col(Lot.id) == Brief.lot_id)
                .join(Region, col(Region.id) == Brief.region_id)
                .join(Organisation, col(Organisation.id) == Brief.raa_id)
                .outerjoin(Bid, (col(Bid.brief_id) == Brief.id) & (col(Bid.provider_id) == provider_id))
                .where(Brief.id == brief_id, BriefInvitation.provider_id == provider_id)
            ).one()  # type: ignore[call-overload]
            criteria = session.exec(
                select(BriefCriterion).where(BriefCriterion.brief_id == brief_id).order_by(col(BriefCriterion.position))
            ).all()
        return page("brief.html", brief=row, lot=lot, region=region, raa=raa, state=state, criteria=criteria)

    @app.get("/page")
    def bare_page() -> HTMLResponse:
        return page("page.html")

    @app.post("/insert")
    def insert(declared: Annotated[str, Form()]) -> RedirectResponse:
        if in_line is None:
            return insert_out_of_turn(declared)
        with in_line.open("ab") as line:
            fcntl.flock(line, fcntl.LOCK_EX)
            return insert_out_of_turn(declared)

    @app.post("/insert/out-of-turn")
    def insert_out_of_turn(declared: Annotated[str, Form()]) -> RedirectResponse:
        with Session(engine) as session:
            session.add(AttemptCount(bucket=uuid4().hex, began_at=datetime.now(UTC), count=len(declared)))
            session.commit()
        return RedirectResponse("/page", 303)

    @app.post("/upload")
    def upload(file: UploadFile) -> RedirectResponse:
        with tempfile.NamedTemporaryFile() as kept:
            shutil.copyfileobj(file.file, kept)
        return RedirectResponse("/page", 303)

    return app


def create_app_with_manners() -> FastAPI:
    """The whole product with one more door: the floor's bare page, behind everything that every request goes through."""
    from fastapi import Request

    from app import main
    from app.web.pages import environment, page
    from app.web.routing import Router, signed_in

    router = Router()
    environment().loader = FileSystemLoader([Settings().root / "templates", Settings().root / HERE])

    @router.get("/page", allow=signed_in)
    def page_with_manners(request: Request) -> HTMLResponse:
        return page(request, "page.html")

    app = main.create_app()
    app.include_router(router)
    return app
