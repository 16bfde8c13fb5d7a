"""Who works on a bid."""

from uuid import UUID

from pydantic import Field

from app.web.forms import Form


class AssignForm(Form):
    person: UUID | None = Field(default=None, title="a colleague")
