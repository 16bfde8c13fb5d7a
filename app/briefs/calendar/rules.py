"""A calendar in the format of RFC 5545 (iCalendar). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

_OCTETS: Final = 75


@dataclass(frozen=True, slots=True)
class Deadline:
    """One moment in a calendar. `uid` stays the same and `revision` rises when it moves; `written_at` is its last change."""

    uid: str
    at: datetime
    summary: str
    description: str
    url: str
    revision: int
    written_at: datetime
    cancelled: bool = False


def calendar(name: str, deadlines: Iterable[Deadline]) -> str:
    """The whole file: lines end in CRLF and are folded at 75 octets, never inside a character."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Adoption support portal//Deadlines//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for one in deadlines:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.uid}",
            f"DTSTAMP:{_moment(one.written_at)}",
            f"DTSTART:{_moment(one.at)}",
            f"SUMMARY:{_text(one.summary)}",
            f"DESCRIPTION:{_text(one.description)}",
            f"URL:{one.url}",
            f"SEQUENCE:{one.revision}",
            f"STATUS:{'CANCELLED' if one.cancelled else 'CONFIRMED'}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _text(words: str) -> str:
    """A value of type TEXT: backslash, semicolon and comma escaped, line ends written as \\n (section 3.3.11)."""
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _moment(at: datetime) -> str:
    """In UTC, so that no time zone has to be described (section 3.3.5, form 2)."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _folded(line: str) -> str:
    """A line of at most 75 octets, each further one begun with a space (section 3.1)."""
    parts, octets, begun = list[str](), 0, 0
    for place, character in enumerate(line):
        size = len(character.encode())
        if octets + size > _OCTETS:
            parts.append(line[begun:place])
            begun, octets = place, 1  # the space in front counts
        octets += size
    return "\r\n ".join([*parts, line[begun:]])
