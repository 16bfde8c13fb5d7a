"""A posted form arrives as a value or as errors beside each field; it never raises, and keeps what was typed.

A field of type `date` is three boxes (`name-day`, `name-month`, `name-year`); a `list` field is its checked boxes; an
`UploadFile` field is a file. An empty box is a missing one. `WORDS` gives the error of a field where the general words do
not fit; a `ValueError` raised by a validator is shown as it stands.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, Final, Generic, TypeVar, get_args, get_origin

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException

from app.core.clock import Arrival, arrival
from app.web.routing import FORM_FIELDS

Typed = Mapping[str, Any]
NEVER: Final = Arrival(0.0)
NOT_WHOLE: Final = "The form did not arrive whole, so nothing was done. Send it again."


class Form(BaseModel):
    """What a person may type on one page."""

    model_config = ConfigDict(str_strip_whitespace=True, extra="ignore", arbitrary_types_allowed=True, frozen=True)
    WORDS: ClassVar[dict[str, str]] = {}


M = TypeVar("M", bound=Form)

_GENERAL: Final = {
    "missing": "Enter {label}",
    "string_too_short": "{Label} must be {min_length} characters or more",
    "string_too_long": "{Label} must be {max_length} characters or fewer",
    "int_parsing": "{Label} must be a whole number",
    "int_from_float": "{Label} must be a whole number",
    "greater_than_equal": "{Label} must be {ge} or more",
    "less_than_equal": "{Label} must be {le} or fewer",
    "date_from_datetime_parsing": "{Label} must be a real date, like 27 3 2027",
    "date_parsing": "{Label} must be a real date, like 27 3 2027",
    "too_short": "Select at least {min_length} of {label}",
    "bool_parsing": "Tick the box for {label}",
    "enum": "Select {label}",
    "literal_error": "Select {label}",
    "uuid_parsing": "Select {label} from the list",
}


@dataclass(frozen=True, slots=True)
class Posted(Generic[M]):
    """`value` when all is well, else `errors` by field; `typed` is what to show again; `arrived` when it was all here."""

    value: M | None = None
    typed: Typed = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    arrived: Arrival = NEVER

    def but(self, **errors: str) -> "Posted[M]":
        """The same form with more errors, found by a rule or the database."""
        return replace(self, errors={**self.errors, **errors})


def blank(**typed: Any) -> Posted[Any]:
    """A form nobody has posted yet, with what is already known filled in."""
    return Posted(typed=typed)


def posted(model: type[M], *, files: int = 0, most_bytes: int = 64 * 1024) -> Any:
    """A dependency that reads a form. `arrived` is when the router had the whole body, before anything was waited for."""

    async def read(request: Request) -> Posted[M]:
        return (await receive(request, files=files, most_bytes=most_bytes)).into(model)

    async def read_with_files(request: Request) -> AsyncIterator[Posted[M]]:
        try:
            yield await read(request)
        finally:
            await request.close()  # an uploaded file is a temporary one

    return Depends(read_with_files if files else read)


@dataclass(frozen=True, slots=True)
class Received:
    """A whole body whose fields are known only once the rows it is about have been read."""

    data: FormData | None
    arrived: Arrival

    def into(self, model: type[M]) -> Posted[M]:
        if self.data is None:
            return Posted(errors={"form": "The form could not be read. Go back, check it and send it again."})
        return parse(model, self.data, arrived=self.arrived)


def received(*, most_bytes: int = 64 * 1024) -> Any:
    """A dependency like `posted`, for a form that is made from rows: `received.into(model)` gives its value or errors."""

    async def read(request: Request) -> Received:
        return await receive(request, most_bytes=most_bytes)

    return Depends(read)


async def receive(request: Request, *, files: int = 0, most_bytes: int = 64 * 1024) -> Received:
    """Read a whole form; one that cannot be read has no data."""
    limits = {**FORM_FIELDS, "max_files": files, "max_part_size": most_bytes}
    try:
        data = await request.form(**limits)
    except MultiPartException:
        return Received(None, NEVER)
    except HTTPException as error:
        if error.status_code == 413:
            raise
        return Received(None, NEVER)
    return Received(data, getattr(request.state, "arrived", None) or arrival())


def parse(model: type[M], form: FormData, *, arrived: Arrival = NEVER) -> Posted[M]:
    typed: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        shown, value = _read(form, name, info)
        typed.update(shown)
        if value not in (None, "", []):
            values[name] = value
    try:
        return Posted(model.model_validate(values), typed, {}, arrived)
    except ValidationError as error:
        errors: dict[str, str] = {}
        for fault in error.errors(include_url=False):
            name = str(fault["loc"][0]) if fault["loc"] else "form"
            errors.setdefault(name, _words(model, name, dict(fault)))
        return Posted(None, typed, errors, arrived)


def _read(form: FormData, name: str, info: FieldInfo) -> tuple[dict[str, Any], Any]:
    kinds = {info.annotation, *get_args(info.annotation)}
    if date in kinds:
        boxes = {f"{name}-{part}": _text(form.get(f"{name}-{part}")) for part in ("day", "month", "year")}
        day, month, year = boxes.values()
        return boxes, f"{year}-{month.zfill(2)}-{day.zfill(2)}" if any(boxes.values()) else None
    if get_origin(info.annotation) in (list, tuple):
        several = [text for text in map(_text, form.getlist(name)) if text]
        return {name: several}, several
    value = form.get(name)
    if UploadFile in kinds:
        return {}, value if isinstance(value, UploadFile) and value.filename else None
    one = _text(value)
    return {name: one}, one.replace("\r\n", "\n")


def _text(value: Any) -> str:
    """What was typed, without the NULs and lone surrogates that no database keeps; nothing for a file or a missing field."""
    return value.replace("\0", "").encode("utf-8", "ignore").decode().strip() if isinstance(value, str) else ""


def _words(model: type[Form], name: str, fault: dict[str, Any]) -> str:
    if name in model.WORDS and fault["type"] != "value_error":
        return model.WORDS[name]
    if fault["type"] == "value_error":
        return str(fault["ctx"]["error"])
    info = model.model_fields.get(name)
    label = (info.title if info else None) or name.replace("_", " ")
    pattern = _GENERAL.get(str(fault["type"]), "Check {label}")
    context = {k: v for k, v in fault.get("ctx", {}).items() if isinstance(v, int | str)}
    return pattern.format_map({"label": label, "Label": label[0].upper() + label[1:], **_Blank(context)})


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return ""
