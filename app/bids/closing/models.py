"""What was asked and agreed about closing early, as stored."""

from datetime import datetime
from uuid import UUID

from app.briefs.two_people import AskedAndAgreed, by_two
from app.core.rows import identity, refers_to


class EarlyClose(AskedAndAgreed, table=True):
    """A commissioner's wish to close a brief early. `tried_at`: when it was last tried in vain."""

    __tablename__ = "early_close"
    __table_args__ = by_two("early_close")

    id: UUID = identity()
    brief_id: UUID = refers_to("brief.id", index=False)
    tried_at: datetime | None = None
