"""What the service says of itself: a line each, read by machines, and never the content of a variable."""

import json
from collections.abc import Iterator

import pytest
import structlog

from app.core import logs


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def _fail(secret: str) -> None:
    raise RuntimeError("why it failed")


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """What is said of a bug, of a request, and of something too small to mention."""
    logs.configure()
    log = structlog.get_logger("test")
    structlog.contextvars.bind_contextvars(request_id="abc")
    try:
        _fail("s3cret" + "value")
    except RuntimeError as error:
        log.error("bug", exc_info=error)
    log.info("request", status=200)
    log.debug("chatter")
    structlog.contextvars.clear_contextvars()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_thing_that_happens_is_one_line_of_json(lines: list[dict[str, object]]) -> None:
    assert [(line["event"], line["level"], line["request_id"]) for line in lines] == [
        ("bug", "error", "abc"),
        ("request", "info", "abc"),
    ]
    assert lines[1]["status"] == 200
    assert str(lines[1]["timestamp"]).endswith("Z")


def test_a_traceback_says_where_and_why_and_not_what_the_variables_held(lines: list[dict[str, object]]) -> None:
    told = str(lines[0]["exception"])
    assert "why it failed" in told and "_fail" in told
    assert "s3cret" + "value" not in str(lines)
