"""Which memberships still run on a day, whether or not a worker has written down the end of the others."""

from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import col, or_

from app.memberships.models import Membership


def live(on: date) -> ColumnElement[bool]:
    """Not ended, and the last day of a notice not over on this London day; `rules.notice_over` says it of one."""
    return col(Membership.ended_at).is_(None) & or_(col(Membership.ends_on).is_(None), col(Membership.ends_on) >= on)
