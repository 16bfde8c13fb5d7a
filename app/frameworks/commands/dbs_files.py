"""What a framework asks for beside the record of a DBS certificate: one of the few things that change after approval."""

from uuid import UUID

from sqlmodel import Session

from app.core import audit
from app.core.actor import Actor
from app.frameworks import events, queries


def ask_for_dbs_file(session: Session, actor: Actor, framework_id: UUID, *, wanted: bool) -> None:
    """Whether the framework asks for the file of a DBS certificate beside its record; the same again changes nothing."""
    row = queries.led_framework(session, actor, framework_id)
    if row.wants_dbs_file is wanted:
        return
    row.wants_dbs_file = wanted
    event = events.DBS_FILE_ON if wanted else events.DBS_FILE_OFF
    audit.record(session, event, actor=actor, subject=row.id, framework=row.name)
