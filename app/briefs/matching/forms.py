"""What an approver may type about approvals."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from app.briefs.inviting.rules import MOST_LIMIT_PENCE
from app.core.money import pounds, to_pence
from app.web.forms import Form


def _pence(typed: object) -> int:
    """Nought is a value here: then two approve every brief."""
    try:
        pence = to_pence(str(typed))
    except ValueError:
        raise ValueError("Enter an amount in pounds, like 30,000") from None
    if not 0 <= pence <= MOST_LIMIT_PENCE:
        raise ValueError(f"Enter an amount from £0 to {pounds(MOST_LIMIT_PENCE)}")
    return pence


class LimitForm(Form):
    limit: Annotated[int, BeforeValidator(_pence)] = Field(title="the value")
