"""What a lead sends and says of a list of members."""

from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field, create_model
from starlette.datastructures import UploadFile

from app.memberships.importing.queries import Planned
from app.memberships.importing.rules import NEW
from app.web.forms import Form


class ListForm(Form):
    WORDS: ClassVar[dict[str, str]] = {"file": "Select the spreadsheet"}

    file: UploadFile = Field(title="the spreadsheet")


def who_form(rows: Iterable[Planned]) -> type[Form]:
    """One choice for each row that looks like somebody who is here: who it is, or a new provider."""
    boxes: dict[str, Any] = {
        box(one): (
            Literal[(NEW, *(str(alike_id) for alike_id, _, _ in one.alike))],
            Field(title=f"who row {one.line.row} is"),
        )
        for one in rows
    }
    return create_model("Who", __base__=Form, **boxes)


def box(one: Planned) -> str:
    return f"row_{one.line.row}"
