"""What somebody typed into a form that cannot be taken: given back whole, so that no word of it is lost."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from app.core.refusals import Refusal
from app.web.forms import Form
from app.web.pages import page

_LONG: Final = 40
_OURS: Final = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(/.*)?")
"""What a page puts into a field, and nobody types: a digest, a record's id, and that of a region with a place in it."""


def texts(given: Iterable[tuple[str, Any]]) -> list[str]:
    """Of fields as they were sent, what is long enough that nobody types it twice gladly."""
    return [text for _, text in given if _is_typed(text) and (len(text) > _LONG or "\n" in text)]


def give_back(request: Request, model: type[Form], typed: Mapping[str, Any], refusal: Refusal) -> Response:
    """409: a page of its own for a form whose page is no more, with every text that was typed into it, to be copied."""
    labelled = (
        (info.title or name, typed.get(name)) for name, info in model.model_fields.items() if info.annotation is str
    )
    shown = [(label[0].upper() + label[1:], text) for label, text in labelled if _is_typed(text)]
    return page(request, "errors/given_back.html", status=409, refusal=refusal, shown=shown)


def _is_typed(text: Any) -> bool:
    return isinstance(text, str) and bool(text) and not _OURS.fullmatch(text.strip())
