"""What somebody who checks a receipt types."""

from pydantic import Field

from app.core.signing import MOST
from app.web.forms import Form


class ReceiptForm(Form):
    receipt: str = Field(title="the receipt", min_length=1, max_length=MOST)

    WORDS = {"receipt": "Paste the whole receipt"}  # noqa: RUF012
