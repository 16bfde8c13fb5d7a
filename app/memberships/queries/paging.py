"""Memberships by name, a page at a time: each follows the last one of the page before, so that none costs more than the first."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, tuple_
from sqlalchemy import select as sa_select
from sqlmodel import col, select

from app.frameworks.models import Framework, Lot, Region
from app.memberships.models import Membership
from app.organisations.models import Organisation
from app.providers.models import Provider


def of_provider(column: Any) -> Any:
    """This of a membership's provider. Looked up for each: a join would read every provider that there is."""
    wanted = select(column).where(Provider.id == Membership.provider_id)
    return wanted.correlate(Membership).scalar_subquery()


NAME: Final = (
    select(Organisation.name)
    .where(Organisation.id == Membership.provider_id)
    .correlate(Membership)
    .scalar_subquery()
    .label("provider_name")
)
"""The name of a membership's provider, looked up for each as well."""
BY_NAME: Final = (col(Framework.name), col(Lot.number), col(Region.name), NAME, col(Membership.id))


def page(which: ColumnElement[bool], most: int, after: UUID | None) -> Any:
    """The memberships of one page, and one more: found before anything is read of them but what they are sorted by."""
    found = _placed(col(Membership.id)).where(which).order_by(*BY_NAME).limit(most + 1)
    if after is None:
        return found
    last = _placed(*BY_NAME).where(col(Membership.id) == after).correlate(None).scalar_subquery()
    return found.where(tuple_(*BY_NAME) > last)


def _placed(*columns: Any) -> Any:
    """These of memberships, joined to what they are sorted by."""
    return (
        sa_select(*columns)
        .select_from(Membership)
        .join(Framework, col(Framework.id) == Membership.framework_id)
        .join(Lot, col(Lot.id) == Membership.lot_id)
        .join(Region, col(Region.id) == Membership.region_id)
    )
