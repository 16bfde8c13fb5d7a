"""What a bidder may type."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, create_model

from app.bids.letters.rules import (
    MOST_CHARACTERS,
    MOST_OF_AN_ANSWER,
    MOST_PARTNERS,
    MOST_PEOPLE,
    Letter,
    Named,
    Partner,
    priced,
)
from app.bids.pricing.rules import MOST_LINES, MOST_QUANTITY, Line, LineKind, Vat, unnamed
from app.bids.queries import Desk, OwnBid
from app.briefs.forms import read_pounds
from app.briefs.terms.rules import MOST_QUESTIONS
from app.core.money import pounds, without_commas
from app.web.forms import Form, Posted

_QUANTITY: Final = re.compile(r"\d{1,4}(\.\d{1,2})?", re.ASCII)


def _hundredths(typed: object) -> int:
    bare = without_commas(re.sub(r"\s", "", str(typed)))
    if not _QUANTITY.fullmatch(bare) or (found := int(Decimal(bare) * 100)) > MOST_QUANTITY:
        raise ValueError("The quantity must be a number, like 20 or 1.5")
    return found


def _of_line(n: int, read: Callable[[object], int]) -> Any:
    """A number of a line of the price; what is wrong with it is said with the line's own."""

    def named(typed: object) -> int:
        try:
            return read(typed)
        except ValueError as wrong:
            raise ValueError(f"Line {n} of your price: {str(wrong)[0].lower()}{str(wrong)[1:]}") from None

    return Annotated[int, BeforeValidator(named)]


def _without_percent(typed: object) -> object:
    return typed.removesuffix("%").rstrip() if isinstance(typed, str) else typed


_Share = Annotated[int | None, BeforeValidator(_without_percent)]


class StartForm(Form):
    provider: UUID = Field(title="your organisation")


class _LetterForm(Form):
    """A draft: what is not yet known may be left empty. `seen` is the digest of the letter that the page began from.

    `then` is what comes after it is saved: checking it, going on, or the library of one question.
    """

    seen: str = Field(title="the page")
    vat: Vat | None = Field(default=None, title="whether VAT is in your price")
    then: str = Field(default="check", pattern=r"^(check|stay|(library|keep)-\d{1,2})$")

    WORDS = {"seen": "The form did not arrive whole, so nothing was saved. Send it again."}  # noqa: RUF012


def _boxes() -> Iterator[tuple[str, Any]]:
    """The rows of a letter: as many as it may have, each of which may be empty."""
    for name in ("approach", "experience"):
        yield name, (str, Field(default="", title=f"your {name}", max_length=MOST_CHARACTERS))
    for n in range(1, MOST_QUESTIONS + 1):
        yield f"answer_{n}", (str, Field(default="", title=f"answer {n}", max_length=MOST_OF_AN_ANSWER))
    for n in range(1, MOST_PEOPLE + 1):
        yield f"person_{n}", (UUID | None, Field(default=None, title="a practitioner"))
        yield f"part_{n}", (str, Field(default="", title=f"the part of practitioner {n}", max_length=200))
    for n in range(1, MOST_PARTNERS + 1):
        yield f"partner_{n}", (UUID | None, Field(default=None, title="a partner"))
        yield f"share_{n}", (_Share, Field(default=None, title=f"the share of partner {n}", ge=1, le=99))
        yield f"does_{n}", (str, Field(default="", title=f"the part of partner {n}", max_length=200))
    for n in range(1, MOST_LINES + 1):
        yield f"kind_{n}", (LineKind | None, Field(default=None, title=f"what line {n} is for"))
        yield f"label_{n}", (str, Field(default="", title=f"the words of line {n}", max_length=120))
        yield f"quantity_{n}", (_of_line(n, _hundredths), Field(default=0, title=f"the quantity of line {n}"))
        yield f"rate_{n}", (_of_line(n, read_pounds), Field(default=0, title=f"the rate of line {n}"))


LetterForm: Any = create_model("LetterForm", __base__=_LetterForm, **dict(_boxes()))


class DeclarationForm(Form):
    """`seen` is the digest of the letter that the page showed, `version` the brief's."""

    declared: Literal["true"] = Field(title="the declaration")
    seen: str | None = None
    version: int | None = None

    WORDS = {"declared": "Confirm that you may submit this bid for your organisation"}  # noqa: RUF012


class WithdrawForm(Form):
    """Nothing to type. `receipt` is the reference of the receipt that the page showed."""

    receipt: str | None = Field(default=None, max_length=24)


def read_letter(form: Posted[Any], desk: Desk) -> tuple[Posted[Any], Letter]:
    """What was typed as a letter, and the form with what only the bid can tell is wrong with it."""
    value = form.value
    if value is None:
        return form, Letter()
    people, errors = desk.people, dict[str, str]()
    team, partners, lines = list[Named](), list[Partner](), list[Line]()
    for n in range(1, MOST_PEOPLE + 1):
        chosen, part = getattr(value, f"person_{n}"), getattr(value, f"part_{n}")
        if chosen in people and chosen not in {one.id for one in team}:
            team.append(Named(chosen, people[chosen], part))
        elif chosen or part:
            errors[f"person_{n}"] = "Select a practitioner from the list, each of them once"
    for n in range(1, MOST_PARTNERS + 1):
        chosen, share = getattr(value, f"partner_{n}"), getattr(value, f"share_{n}")
        part = getattr(value, f"does_{n}")
        if chosen in desk.allies and chosen not in {one.id for one in partners}:
            partners.append(Partner(chosen, desk.allies[chosen], share or 0, part))
        elif chosen or share or part:
            errors[f"partner_{n}"] = "Select a partner from the list, each of them once"
    if sum(one.share for one in partners) > 99:
        errors["share_1"] = "The shares of your partners must leave something for you"
    headline = LineKind(desk.prices.unit)
    for n in range(1, MOST_LINES + 1):
        kind, label = getattr(value, f"kind_{n}"), getattr(value, f"label_{n}")
        quantity, rate = getattr(value, f"quantity_{n}"), getattr(value, f"rate_{n}")
        said = label or quantity or rate
        if kind and (said or kind is not headline):
            lines.append(Line(kind, quantity, rate, label))
            if words := unnamed(lines[-1:]):
                errors[f"label_{n}"] = words.replace("line 1", f"line {n}")
        elif said:
            errors[f"kind_{n}"] = f"Choose what line {n} is for"
    own = {name: one.key for n, one in enumerate(desk.asked, 1) if (name := box(one.key, n)) != one.key}
    written = Letter(
        approach=value.approach,
        experience=value.experience,
        answers=tuple((key, words) for name, key in own.items() if (words := getattr(value, name))),
        team=tuple(team),
        partners=tuple(partners),
        vat=value.vat,
        **priced(lines),
    )
    return form.but(**errors), written


def typed(bid: OwnBid) -> dict[str, Any]:
    """What the form shows of the letter last written; an older one's sum and name fill the first of its rows.

    Where there is no price yet, the first line is offered in the unit in which the lot is priced: alone it says nothing.
    """
    written, shown = bid.letter, dict[str, Any]()
    lines = written.lines
    if not lines and written.price_pence:
        lines = (Line(LineKind.OTHER, 100, written.price_pence, "Price for everything"),)
    team = (
        written.team or tuple(Named(one.id, one.name) for one in bid.colleagues if one.name == written.practitioner)[:1]
    )
    for n, one in enumerate(bid.asked, 1):
        shown[box(one.key, n)] = written.answer(one.key)
    for n, person in enumerate(team, 1):
        shown |= {f"person_{n}": str(person.id), f"part_{n}": person.part}
    for n, partner in enumerate(written.partners, 1):
        shown |= {f"partner_{n}": str(partner.id), f"share_{n}": partner.share or "", f"does_{n}": partner.part}
    shown["kind_1"] = LineKind(bid.prices.unit).value
    for n, line in enumerate(lines, 1):
        shown |= {
            f"kind_{n}": line.kind.value,
            f"label_{n}": line.label,
            f"quantity_{n}": line.counted if line.quantity else "",
            f"rate_{n}": pounds(line.rate_pence).removeprefix("£") if line.rate_pence else "",
        }
    return shown | {"seen": bid.seen, "vat": written.vat or ""}


def box(key: str, number: int) -> str:
    """The name of the box in which the question of that number is answered."""
    return key if key in ("approach", "experience") else f"answer_{number}"


def rows(typed: Mapping[str, Any], *names: str, least: int, most: int) -> int:
    """How many rows the page shows: what is filled, and an empty one."""
    filled = [n for n in range(1, most + 1) if any(typed.get(f"{name}_{n}") for name in names)]
    return min(most, max(least, max(filled, default=0) + 1))


def with_typed(form: Posted[Any], bid: OwnBid) -> Posted[Any]:
    """The form for its page: a torn one shows what is saved."""
    if "seen" in form.errors or not form.typed:
        return replace(form, typed=typed(bid))
    return form
