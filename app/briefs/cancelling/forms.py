"""What an approver types who declines."""

from pydantic import Field

from app.web.forms import Form


class DeclineCancelling(Form):
    why: str = Field(title="your reason", min_length=10, max_length=1000)
