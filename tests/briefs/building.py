"""A brief's form as its page sends it, and what a page would send back."""

from tests.briefs.test_pages import form, soup
from tests.factories import World


def whole(made: World, **changed: object) -> dict[str, object]:
    """A form as the page sends it, every part filled in."""
    return {
        **form(made),
        "children": "2",
        "delivery": "either",
        "settings": ["home", "school"],
        "ends_by-day": "1", "ends_by-month": "10", "ends_by-year": "2027",
        "review_1-day": "3", "review_1-month": "5", "review_1-year": "2027",
        "key_date_1-day": "6", "key_date_1-month": "9", "key_date_1-year": "2027",
        "key_date_1_what": "A new school year begins",
        "funding": ["fund", "authority"],
        "assessed_on-day": "2", "assessed_on-month": "11", "assessed_on-year": "2026",
        "panel": "P-77",
        "price_formula": "straight_line",
        "two_envelopes": "true",
        "question_1": "What would you do?", "question_1_words": "200", "question_1_criterion": "1",
        "need_ready": ["The child carries losses that nobody has yet helped to put into words."],
        **changed,
    }  # fmt: skip


def values(text: str) -> dict[str, list[str]]:
    """What the form of a page would send if nobody touched it."""
    sent: dict[str, list[str]] = {}
    for field in soup(text).select("form[novalidate] [name]"):
        if field.get("type") in ("checkbox", "radio") and not field.has_attr("checked"):
            continue
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            value = chosen["value"] if chosen else ""
        else:
            value = field.text.removeprefix("\n") if field.name == "textarea" else field.get("value", "")
        sent.setdefault(field["name"], []).append(value)
    return sent
