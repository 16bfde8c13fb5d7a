"""The places where a provider works."""

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from app.core.refusals import NotFound
from app.providers.models import Site
from app.providers.rules.sites import STEP_FREE_WORDS, USE_WORDS, SiteFacts, StepFree, Use


@dataclass(frozen=True, slots=True)
class SiteView:
    """A site as a page shows it; `uses` and `step_free` in words."""

    id: UUID
    facts: SiteFacts
    uses: tuple[str, ...]
    step_free: str
    closed: bool


def sites(session: Session, provider_id: UUID) -> tuple[SiteView, ...]:
    """Those that are open, by name."""
    rows = session.exec(
        select(Site)
        .where(Site.provider_id == provider_id, col(Site.closed_at).is_(None))
        .order_by(Site.name, col(Site.id))
    )
    return tuple(_view(row) for row in rows)


def site(session: Session, provider_id: UUID, site_id: UUID) -> SiteView:
    """Raises `NotFound` for another provider's or none."""
    row = session.exec(select(Site).where(Site.id == site_id, Site.provider_id == provider_id)).first()
    if row is None:
        raise NotFound
    return _view(row)


def _view(row: Site) -> SiteView:
    uses = tuple(Use(use) for use in row.uses.split(",") if use)
    facts = SiteFacts(
        name=row.name,
        address=row.address,
        postcode=row.postcode,
        uses=uses,
        step_free=StepFree(row.step_free),
        access=row.access,
        parking=row.parking,
        transport=row.transport,
    )
    words = tuple(USE_WORDS[use] for use in uses)
    return SiteView(row.id, facts, words, STEP_FREE_WORDS[facts.step_free], row.closed_at is not None)
