"""Render a page, or the one named block of it that htmx asks for. A template cannot query: it gets frozen views."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import ChainableUndefined, Environment, FileSystemLoader, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from app.core.london import LONDON, day_in_words, time_in_words
from app.core.money import pounds
from app.core.scoring import formula_in_words

TEMPLATES: Final = Path(__file__).resolve().parents[2] / "templates"
_KEPT: Final = 100
_GOVUK: Final = (
    "button",
    "character-count",
    "checkboxes",
    "date-input",
    "error-summary",
    "fieldset",
    "file-upload",
    "input",
    "password-input",
    "radios",
    "select",
    "textarea",
)


def when(moment: datetime) -> str:
    """'Thursday 3 December 2026, 12:00 noon', in London."""
    local = moment.astimezone(LONDON)
    hour = {"12:00": "12:00 noon", "00:00": "12:00 midnight"}.get(f"{local:%H:%M}", time_in_words(moment))
    return f"{local:%A} {day_in_words(local)}, {hour}"


def short(moment: datetime) -> str:
    """'3 Dec 2026, 12:00', in London."""
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%b %Y}, {time_in_words(moment)}"


def day(value: date) -> str:
    """'3 December 2026'."""
    return day_in_words(value)


def sentence(words: str) -> str:
    """What somebody typed, with a full stop where it ends without one, so that a sentence may come after it."""
    words = words.rstrip()
    return words if words.endswith((".", "!", "?")) else f"{words}."


def left(until: datetime, now: datetime) -> str:
    """How long is left: '2 years 11 months', '12 days', '3 hours', '14 minutes' or 'closed'."""
    here, there = now.astimezone(LONDON), until.astimezone(LONDON)
    months = 12 * (there.year - here.year) + there.month - here.month
    months -= (there.day, there.time()) < (here.day, here.time())
    if months >= 12:
        years, more = divmod(months, 12)
        return f"{plural(years, 'year')} {plural(more, 'month')}" if more else plural(years, "year")
    seconds = (until - now).total_seconds()
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute" if seconds > 0 else "closed"


def plural(count: int, word: str, words: str | None = None) -> str:
    """'1 brief', '3 briefs', '2 agencies' with the plural given."""
    return f"{count:,} {word if count == 1 else words or word + 's'}"


@lru_cache
def environment() -> Environment:
    """The house's templates, strict about every name; GOV.UK's macros come from an environment of their own."""
    own = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    govuk = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        undefined=ChainableUndefined,
        auto_reload=False,
    )
    for name in _GOVUK:
        macro = "govuk" + "".join(part.capitalize() for part in name.split("-"))
        module = govuk.get_template(f"govuk_frontend_jinja/components/{name}/macro.html").module
        own.globals[macro] = getattr(module, macro)
    own.globals["govukSelectKept"] = kept(own.globals["govukSelect"])
    own.filters.update(when=when, short=short, day=day, pounds=pounds, sentence=sentence)
    own.globals.update(left=left, plural=plural, formula_in_words=formula_in_words)
    for path in sorted((TEMPLATES / "components").glob("*.html")):
        own.globals[path.stem] = own.get_template(f"components/{path.name}").module
    return own


def kept(draw: Any) -> Callable[[Mapping[str, Any]], Markup]:
    """The same from the same is drawn once: a list of a hundred choices takes longer than all else on many a page.

    Only for choices that are anybody's to read, such as regions: what a bid names stays nowhere in a process.
    """
    drawn: dict[str, Markup] = {}

    def by(given: Mapping[str, Any]) -> Markup:
        words = repr(given)
        if (known := drawn.get(words)) is None:
            if len(drawn) >= _KEPT:
                drawn.clear()
            known = drawn[words] = draw(given)
        return known

    return by


def page(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """The page, or its block named by HX-Target ('submit-panel' -> block `submit_panel`)."""
    source, wanted = environment().get_template(template), block_wanted(request)
    context |= frame(request)
    html = (
        "".join(source.blocks[wanted](source.new_context(context)))
        if wanted in source.blocks
        else source.render(context)
    )
    return HTMLResponse(html, status, headers={"Vary": "HX-Request, HX-Target", "Cache-Control": "no-store"})


def block_wanted(request: Request) -> str:
    """The block for which htmx asks; empty where a browser asks for a page."""
    target = request.headers.get("HX-Target", "") if request.headers.get("HX-Request") else ""
    return target.rpartition("#")[2].replace("-", "_")


def frame(request: Request) -> dict[str, Any]:
    """What the frame of every page needs: who is signed in, where they are, what they may go to."""
    actor = getattr(request.state, "actor", None) or request.app.state.nobody
    navigation: Callable[..., Any] = request.app.state.navigation
    return {
        "actor": actor,
        "path": request.url.path,
        "navigation": navigation(actor, request.url.path),
        "demonstration": request.app.state.settings.demonstration,
        "request_id": request.scope.get("request_id", ""),
    }


def see(path: str) -> RedirectResponse:
    """After a change: 303 to the page that shows it."""
    return RedirectResponse(path, 303)


def plain(template: str, context: dict[str, Any]) -> tuple[str, str]:
    """Render a mail template to (subject, body): its first line is the subject."""
    source = _mail().get_template(f"mail/{template}")
    subject, _, body = source.render(context).partition("\n")
    return " ".join(subject.split()), body.strip() + "\n"


@lru_cache
def _mail() -> Environment:
    return Environment(loader=FileSystemLoader(TEMPLATES), autoescape=False, undefined=StrictUndefined)  # noqa: S701
