"""What an owner agrees to before the referral is handed over."""

from typing import Literal

from pydantic import Field

from app.web.forms import Form


class SignForm(Form):
    """`seen` is the digest of the undertaking that the page showed."""

    agreed: Literal["true"] = Field(title="your signature")
    seen: str = Field(title="the undertaking", max_length=64)

    WORDS = {"agreed": "Confirm that you sign the undertaking for your organisation"}  # noqa: RUF012 - declared in Form
