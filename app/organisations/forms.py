"""What an owner types to invite somebody."""

from typing import Annotated, ClassVar

from pydantic import Field

from app.accounts.forms import EmailAddress
from app.organisations.rules import Role
from app.web.forms import Form


class InvitationForm(Form):
    email: EmailAddress
    role: Annotated[Role, Field(title="a role")]
    WORDS: ClassVar[dict[str, str]] = {"email": "Enter the e-mail address of the person to invite"}


class AcceptForm(Form):
    role: Annotated[Role, Field(title="a role")]
    WORDS: ClassVar[dict[str, str]] = {"role": "Select a role"}


class RefuseForm(Form):
    reason: str = Field(title="a reason, which the person reads", max_length=1000)
