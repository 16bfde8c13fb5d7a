"""Taking the names of people out of what a closed provider shared, once the time to keep them is over."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, col, select

from app.applications.models import Application, EarlierSubmission
from app.evidence.news import PeopleForgotten
from app.evidence.queries.shared import without_people


def forget_people(session: Session, forgotten: PeopleForgotten) -> None:
    """From every submission, those taken back too; their digests and the provider's own words stay."""
    theirs = Application.provider_id == forgotten.provider_id
    for row in session.exec(select(Application).where(theirs, col(Application.submitted_at).is_not(None))):
        row.snapshot = _without_people(row.snapshot)
    earlier = select(EarlierSubmission).join(Application, col(Application.id) == EarlierSubmission.application_id)
    for before in session.exec(earlier.where(theirs)):
        before.snapshot = _without_people(before.snapshot)


def _without_people(snapshot: Mapping[str, Any]) -> dict[str, Any]:
    """What the portal answered from the profile and its evidence may name people, too."""
    answers = [one | {"answer": ""} if one["known"] else one for one in snapshot.get("answers", ())]
    return {**without_people(snapshot), "answers": answers}
