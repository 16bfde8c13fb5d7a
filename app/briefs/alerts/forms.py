"""What a person may type about an alert."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from app.briefs.alerts.rules import Often
from app.frameworks.rules import Service
from app.web.forms import Form


class AlertForm(Form):
    """What is left empty fits everything."""

    WORDS: ClassVar[dict[str, str]] = {"often": "Select how often"}

    framework: UUID | None = Field(default=None, title="a framework")
    region: UUID | None = Field(default=None, title="a region")
    service: Service | None = Field(default=None, title="a kind of lot")
    therapy: str | None = Field(default=None, title="a therapy", max_length=60)
    often: Often = Field(title="how often")
