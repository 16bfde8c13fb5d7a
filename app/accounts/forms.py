"""What people type about their accounts."""

from typing import Annotated
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field

from app.web.forms import Form


def _address(typed: str) -> str:
    try:
        return validate_email(typed, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise ValueError("Enter an e-mail address in the right form, like name@example.org") from None


def _one_line(typed: str) -> str:
    if not typed.isprintable():
        raise ValueError("A name is one line of letters")
    return typed


EmailAddress = Annotated[str, AfterValidator(_address), Field(title="your e-mail address", max_length=254)]
"""As it is stored and compared: in lower case."""

Password = Annotated[str, Field(title="your password", max_length=1000)]


class SignIn(Form):
    email: EmailAddress
    password: Password
    next: str = ""


class Registration(Form):
    name: Annotated[str, AfterValidator(_one_line), Field(title="your full name", max_length=200)]
    email: EmailAddress
    password: Annotated[str, Field(title="a password")]
    next: str = ""


class Address(Form):
    email: EmailAddress
    next: str = ""


class Onward(Form):
    next: str = ""


class NewPassword(Form):
    password: Annotated[str, Field(title="a new password")]


class PasswordChange(Form):
    current: Annotated[str, Field(title="your password as it is now", max_length=1000)]
    password: Annotated[str, Field(title="a new password")]


class StepIn(Form):
    person_id: Annotated[UUID, Field(title="a person")]
