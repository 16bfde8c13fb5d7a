"""Which memberships still run on a day, whether or not a worker has written down the end of the others."""

from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Label, and_, exists
from sqlalchemy.orm import aliased
from sqlmodel import col, func, or_, select

from app.memberships.models import Membership
from app.memberships.rules.variations import Decliners, Silence
from app.memberships.terms import Variation, VariationAnswer


@lru_cache(maxsize=16)
def live(on: date) -> ColumnElement[bool]:
    """Not ended, and the last day of a notice not over on this London day; `rules.notice_over` says it of one.

    Of silence it asks the framework first: hardly any has a version that ends the silent, and so nothing more is read of each.
    Most pages ask this, and to put it into words takes longer than many a query: that is done once a day.
    """
    over = col(Variation.ends_on) < on
    somewhere = select(Variation.framework_id).where(*_ends_the_silent(on), over).correlate(None)
    return and_(
        col(Membership.ended_at).is_(None),
        or_(col(Membership.ends_on).is_(None), col(Membership.ends_on) >= on),
        ~and_(col(Membership.framework_id).in_(somewhere), exists(_declined_in_silence(on).where(over))),
    )


def silent_end(on: date) -> Label[date | None]:
    """The last day of a membership whose silence has declined a new version by this London day, and for which it ends."""
    wanted = _declined_in_silence(on).with_only_columns(func.min(Variation.ends_on))
    found: Label[date | None] = wanted.scalar_subquery().label("silent_end")
    return found


def _declined_in_silence(on: date) -> Any:
    """The SQL twin of `rules.variations.Change.settled`, where who declines is ended: what `settle_variations` writes down.

    Who has signed that version or a later one was not asked about it.
    """
    later = aliased(Variation)
    answered = select(VariationAnswer.id).where(
        VariationAnswer.variation_id == Variation.id, VariationAnswer.provider_id == Membership.provider_id
    )
    signed_it = select(later.id).where(
        later.framework_id == Variation.framework_id,
        later.effective_on >= Variation.effective_on,
        later.sha256 == Membership.signed_sha256,
    )
    return (
        select(Variation.id)
        .where(
            Variation.framework_id == Membership.framework_id,
            *_ends_the_silent(on),
            col(Membership.signed_at).is_not(None),
            ~exists(answered.correlate(Variation, Membership)),
            ~exists(signed_it.correlate(Variation, Membership)),
        )
        .correlate(Membership)
    )


def _ends_the_silent(on: date) -> tuple[ColumnElement[bool], ...]:
    """Of a version, that by this London day it has ended the membership of whoever said nothing."""
    return (
        col(Variation.approved_at).is_not(None),
        col(Variation.silence) == Silence.DECLINES,
        col(Variation.decliners) == Decliners.END,
        col(Variation.answer_by) < on,
    )
