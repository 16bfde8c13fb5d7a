"""What an approver sends who agrees or declines."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from app.web.forms import NOT_WHOLE, Form


class SeenCancelling(Form):
    """`cancellation_id` is the wish that the page showed."""

    WORDS: ClassVar = {"cancellation_id": NOT_WHOLE}
    cancellation_id: UUID


class DeclineCancelling(SeenCancelling):
    why: str = Field(title="your reason", min_length=10, max_length=1000)
