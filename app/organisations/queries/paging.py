"""Organisations by name, a page at a time."""

from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, literal, tuple_
from sqlmodel import col, select

from app.organisations.models import Organisation


def later_by_name(after: UUID) -> ColumnElement[bool]:
    """In SQL: an organisation comes after this one, by name and id."""
    before = select(Organisation.name).where(col(Organisation.id) == after).correlate(None).scalar_subquery()
    return tuple_(col(Organisation.name), col(Organisation.id)) > tuple_(before, literal(after, Uuid()))
