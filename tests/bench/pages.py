"""P6: how many statements the main pages send to the database, with 10 rows of everything and with 1,000."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from fastapi.testclient import TestClient
from sqlalchemy import event

from app.core.database import Database
from app.main import create_app
from app.settings import Settings
from tests.bench.load import HOST
from tests.bench.measures import SUBMIT, Row
from tests.bench.world import World

PUBLIC: Final = 8
DASHBOARD: Final = 12
MAIN_PAGES: Final = (
    ("", "/sign-in"),
    ("", "/about"),
    ("member", "/"),
    ("member", "/opportunities"),
    ("member", "/opportunities/{brief}"),
    ("member", "/board"),
    ("member", "/bids"),
    ("member", "/bids/{bid}"),
    ("member", "/memberships"),
    ("member", "/frameworks"),
    ("member", "/frameworks/{framework}"),
    ("member", "/applications"),
    ("member", "/providers/{provider}"),
    ("member", "/providers/{provider}/evidence"),
    ("buyer", "/"),
    ("buyer", "/briefs"),
    ("buyer", "/briefs/{brief}"),
    ("lead", "/"),
    ("lead", "/decisions"),
    ("lead", "/frameworks/{framework}/members"),
    ("checker", "/"),
    ("checker", "/checks"),
)


@contextmanager
def counting(database: Database) -> Iterator[list[str]]:
    """The statements sent meanwhile; a BEGIN is none."""
    sent: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def counts(database: Database, config: Settings, world: World) -> tuple[dict[tuple[str, str], int | str], int | str]:
    """Statements of each main page and of a bid's submission, or the status where the answer was not the one hoped for."""
    ids = {
        "framework": world.framework_id,
        "brief": world.bid_on,
        "bid": world.bid,
        "provider": world.members[0].provider_id,
    }
    cookies = {"": "", "member": world.members[0].cookie}
    cookies |= {"buyer": world.buyer, "lead": world.lead, "checker": world.checker}
    app = create_app(database, config=config)
    client = TestClient(app, f"https://{HOST}", raise_server_exceptions=False, follow_redirects=False)
    pages = {}
    for who, path in MAIN_PAGES:
        with counting(database) as sent:
            answer = client.get(path.format(**ids), headers={"Cookie": cookies[who]})
        pages[who, path] = len(sent) if answer.status_code == 200 else f"answers {answer.status_code}"
    bid_id, member = world.drafts[-1]
    with counting(database) as sent:
        headers = {"Cookie": member.cookie, "Origin": f"https://{HOST}"}
        content = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = client.post(f"/bids/{bid_id}/submit", content=SUBMIT, headers=headers | content)
    return pages, len(sent) if answer.status_code == 303 else f"answers {answer.status_code}"


def rows(few: dict[tuple[str, str], int | str], many: dict[tuple[str, str], int | str], submit: int | str) -> list[Row]:
    """One line a page: what it sends at 1,000 rows, missed when that is too much or more than at 10."""
    found = [Row("P3", "statements of a bid's submission", "", str(submit), _figure(submit), "SQL", 12)]
    for (who, path), small in few.items():
        large = many[who, path]
        words, limit = f"{who or 'anyone'}: {path}", DASHBOARD if who else PUBLIC
        ours = f"{small} at 10 rows, {large} at 1,000"
        found.append(Row("P6", words, "", ours, _figure(large), "SQL", limit, also=small == large))
    return found


def _figure(count: int | str) -> float:
    return float(count) if isinstance(count, int) else float("inf")
