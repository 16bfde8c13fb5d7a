"""Bar S10: an answer comes as late for an address that is known as for one that is not."""

from typing import Final
from urllib.parse import urlencode

from app.accounts.commands import add_person
from app.core.database import Database
from tests.bench.load import one_by_one, p50, post, side_by_side
from tests.bench.measures import Row, Stage

ASKED: Final = 6
FORMS: Final = {
    "sign in": ("/sign-in", {"password": "not the password", "next": "/"}, 422),
    "forgotten password": ("/forgotten-password", {}, 303),
    "register": ("/register", {"name": "Mallory Example", "password": "rain window fable", "next": "/"}, 303),
    "confirm again": ("/confirm", {"next": "/"}, 303),
}


def answering(stage: Stage) -> list[Row]:
    """Each of the four forms a stranger may send, in turn for known and for unknown addresses, each from a host of its own."""
    database = Database(stage.config.database_url)
    with database.write() as session:
        for what in FORMS:
            for number in range(ASKED):
                email, confirmed = _email("known", what, number), what != "confirm again"
                add_person(session, name="Ann Example", email=email, password="x", note="", confirmed=confirmed)
    database.close()
    return [_row(stage, what) for what in FORMS]


def _row(stage: Stage, what: str) -> Row:
    path, form, status = FORMS[what]
    asked = {
        who: iter(
            [
                post(
                    path, urlencode({**form, "email": _email(who, what, number)}), forwarded_for=f"198.51.100.{number}"
                )
                for number in range(ASKED)
            ]
        )
        for who in ("unknown", "known")
    }
    unknown, known = side_by_side(
        lambda: one_by_one(stage.ours.port, [next(asked["unknown"])], status),
        lambda: one_by_one(stage.ours.port, [next(asked["known"])], status),
        rounds=ASKED,
    )
    one, other = sorted((p50(unknown), p50(known)))
    words = f"{what}: known {p50(known):.0f} ms, unknown"
    return Row("S10", words, "", f"{p50(unknown):.0f} ms", other / one, "× the other", 1.1)


def _email(who: str, what: str, number: int) -> str:
    return f"{who}-{what.replace(' ', '-')}-{number}@example.org"
