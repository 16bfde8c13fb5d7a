"""What is asked of the directory in the address of a page; a value that is no id, or none we know, limits nothing."""

from typing import Annotated

from fastapi import Query
from pydantic import Field

from app.memberships.directory.rules import Sought
from app.memberships.forms import as_uuid
from app.providers.rules import CHOICES, Aspect, outward
from app.web.forms import Form


class AskedFor(Form):
    agency: str = Field(default="", max_length=80)
    framework: str = Field(default="", max_length=80)
    service: str = Field(default="", max_length=80)
    therapy: str = Field(default="", max_length=80)
    authority: str = Field(default="", max_length=80)
    district: str = Field(default="", max_length=80)
    mode: str = Field(default="", max_length=80)
    after: str = Field(default="", max_length=80)

    @property
    def sought(self) -> Sought:
        return Sought(
            framework_id=as_uuid(self.framework),
            service=self.service,
            therapy=self.therapy,
            authority_id=as_uuid(self.authority),
            district=outward(self.district) or "",
            mode=self.mode if self.mode in CHOICES[Aspect.MODE] else "",
        )


Asked = Annotated[AskedFor, Query()]
