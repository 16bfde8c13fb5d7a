"""What a password must be, how long links live, how many tries there are, and where one may go next. Pure."""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_network
from typing import Final

from app.core.london import LONDON
from app.core.refusals import Refusal


class LinkKind(StrEnum):
    CONFIRM = "confirm"
    RESET = "reset"


class Attempt(StrEnum):
    """What is counted, so that nobody can guess passwords or flood a mailbox."""

    SIGN_IN = "sign_in"
    REGISTER = "register"
    CONFIRM = "confirm"
    RESET = "reset"
    JOIN = "join"


@dataclass(frozen=True, slots=True)
class Limit:
    tries: int
    per: timedelta


LINK_LIFE: Final = {LinkKind.CONFIRM: timedelta(days=3), LinkKind.RESET: timedelta(hours=1)}
PER_ADDRESS: Final = {
    Attempt.SIGN_IN: Limit(5, timedelta(minutes=15)),
    Attempt.REGISTER: Limit(3, timedelta(hours=1)),
    Attempt.CONFIRM: Limit(3, timedelta(hours=1)),
    Attempt.RESET: Limit(3, timedelta(hours=1)),
    Attempt.JOIN: Limit(5, timedelta(hours=1)),
}
PER_HOST: Final = {
    Attempt.SIGN_IN: Limit(50, timedelta(minutes=15)),
    Attempt.REGISTER: Limit(20, timedelta(hours=1)),
    Attempt.CONFIRM: Limit(20, timedelta(hours=1)),
    Attempt.RESET: Limit(20, timedelta(hours=1)),
    Attempt.JOIN: Limit(20, timedelta(hours=1)),
}
PER_ACCOUNT: Final = {
    Attempt.SIGN_IN: Limit(50, timedelta(hours=1)),
    Attempt.REGISTER: Limit(6, timedelta(hours=1)),
    Attempt.CONFIRM: Limit(6, timedelta(hours=1)),
    Attempt.RESET: Limit(6, timedelta(hours=1)),
    Attempt.JOIN: Limit(40, timedelta(hours=1)),
}
"""From all hosts together: well above what one host may, so that a stranger cannot lock a person out at little cost."""

PASSWORD_LEAST: Final = 12
PASSWORD_MOST: Final = 200
_COMMON: Final = re.compile(
    "(abc|admin|administrator|adoption|changeme|football|iloveyou|letmein|liverpool|password|qwerty|qwertyuiop|"
    "sunshine|support|therapy|welcome)*"
)

WRONG: Final = Refusal("wrong_sign_in", "The e-mail address or the password is not right.")
UNCONFIRMED: Final = Refusal(
    "unconfirmed", "Your e-mail address is not confirmed yet. Open the link in the message we sent to it, then sign in."
)
DEAD_LINK: Final = {
    LinkKind.CONFIRM: Refusal(
        "dead_link",
        "This link has been used already, has run out, or is not whole.",
        ("/sign-in", "Sign in: if your address is not confirmed yet, we can send a new link"),
    ),
    LinkKind.RESET: Refusal(
        "dead_link",
        "This link has been used already, has run out, or is not whole.",
        ("/forgotten-password", "Ask for a new link"),
    ),
}


def counted_as(host: str) -> str:
    """One household or office holds a whole /64 of IPv6 addresses, so they count as one host."""
    with suppress(ValueError):
        return str(ip_network((IPv6Address(host), 64), strict=False))
    return host


def why_not_password(password: str, *, email: str) -> Refusal | None:
    """Long rather than odd: 12 characters or more, not the person's address, not a common word with figures around it."""
    typed = password.lower()
    if len(password) < PASSWORD_LEAST:
        return Refusal("password_short", f"The password must be {PASSWORD_LEAST} characters or more")
    if len(password) > PASSWORD_MOST:
        return Refusal("password_long", f"The password must be {PASSWORD_MOST} characters or fewer")
    if typed in (email, email.partition("@")[0]):
        return Refusal("password_is_address", "The password must not be your e-mail address")
    if _COMMON.fullmatch(re.sub(r"[\W\d_]", "", typed)) or len(set(typed)) < 4:
        return Refusal("password_common", "Choose a password that is harder to guess: three random words work well")
    return None


def why_not_sign_in(*, confirmed_at: datetime | None) -> Refusal | None:
    """Asked only once the password was found right, so that it tells a stranger nothing."""
    return None if confirmed_at else UNCONFIRMED


def why_not_use_link(kind: LinkKind, *, used_at: datetime | None, ends_at: datetime, now: datetime) -> Refusal | None:
    """A link works once and for a while."""
    return DEAD_LINK[kind] if used_at or now >= ends_at else None


def why_not_try(limit: Limit, *, tries: int, began_at: datetime) -> Refusal | None:
    """`tries` counts this one. The words are the same whether or not there is such an account."""
    if tries <= limit.tries:
        return None
    again = (began_at + limit.per + timedelta(minutes=1)).astimezone(LONDON)
    return Refusal("too_many_tries", f"There have been too many tries. Try again after {again:%H:%M}.")


def local_path(wanted: str) -> str:
    """`wanted` when it is a path of this site, else '/': never an address elsewhere (`//evil`, `/\\evil`, `https:`)."""
    plain = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    return wanted if plain and len(wanted) <= 500 else "/"


def device_words(user_agent: str) -> str:
    """'Firefox on Linux': enough for a person to know their own device, and no more than that is kept."""
    browsers = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
    systems = (
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "a Mac"),
        ("Linux", "Linux"),
    )
    browser = next((words for mark, words in browsers if mark in user_agent), "A browser")
    system = next((words for mark, words in systems if mark in user_agent), "a device we do not know")
    return f"{browser} on {system}"


def persona(note: str) -> tuple[str, str]:
    """A persona's group and description: 'Providers: sole therapist in Leeds' -> ('Providers', 'Sole therapist in Leeds')."""
    group, colon, words = note.partition(":")
    words = words.strip() if colon else note.strip()
    return (group.strip() if colon else "People"), words[:1].upper() + words[1:]
