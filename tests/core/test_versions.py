"""What is installed is above every version with a published hole that would reach us; it works with no network."""

import re
import time
from importlib.metadata import PackageNotFoundError, version

import pytest
from fastapi.testclient import TestClient
from packaging.version import Version

from tests import ROOT
from tests.conftest import ClientFor

FLOORS = {
    "starlette": "1.3.1",  # CVE-2026-48710 Host header, CVE-2026-48818 static files, CVE-2026-54283 form limits
    "python-multipart": "0.0.31",  # CVE-2026-40347, CVE-2026-42561, CVE-2026-53537 to 53540: parser denial of service
    "authlib": "1.6.9",  # CVE-2026-27962 key injected by header, CVE-2026-28490, CVE-2026-28498
    "joserfc": "1.7.2",  # CVE-2026-49852 empty HMAC key; GHSA-5jhw-7jv7-qcqq
}
IF_PRESENT = {"pyjwt": "2.12"}
LOCKED = dict(re.findall(r"^([a-z0-9-]+)(?:\[[^\]]*\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.M))


@pytest.mark.bar("S12")
@pytest.mark.parametrize("name", FLOORS)
def test_installed_and_locked_above_the_floor(name: str) -> None:
    assert Version(version(name)) >= Version(FLOORS[name])
    assert Version(LOCKED[name]) >= Version(FLOORS[name])


@pytest.mark.bar("S12")
@pytest.mark.parametrize("name", IF_PRESENT)
def test_above_the_floor_should_it_ever_come_in(name: str) -> None:
    assert name not in LOCKED or Version(LOCKED[name]) >= Version(IF_PRESENT[name])
    try:
        assert Version(version(name)) >= Version(IF_PRESENT[name])
    except PackageNotFoundError:
        return


@pytest.mark.bar("S12")
def test_what_runs_here_is_what_is_locked() -> None:
    assert {name: version(name) for name in FLOORS} == {name: LOCKED[name] for name in FLOORS}


@pytest.mark.bar("S12")
def test_every_locked_package_is_held_to_a_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    for entry in re.split(r"^(?=[a-z])", lock, flags=re.M)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    assert not re.search(r"https?://|--index-url|--find-links", lock)


@pytest.fixture
def stranger(client_for: ClientFor) -> TestClient:
    return client_for()


@pytest.mark.bar("S12")
def test_a_range_of_ten_thousand_parts_is_cheap(stranger: TestClient) -> None:
    stranger.get("/static/app.css")
    parts = "bytes=" + ",".join(f"{2 * n}-{2 * n}" for n in range(10_000))
    started = time.process_time()  # work, not waiting: the fault it guards against took many seconds of it
    answer = stranger.get("/static/app.css", headers={"Range": parts})
    assert answer.status_code < 500
    assert time.process_time() - started < 1


@pytest.mark.bar("S12")
@pytest.mark.parametrize("host", ["testserver/static", "testserver?", "testserver#", "x@testserver", "a b"])
def test_a_crooked_host_does_not_change_which_page_answers(stranger: TestClient, host: str) -> None:
    assert stranger.get("/healthz", headers={"Host": host}).text in ("ok\n", "Invalid host header")
    assert stranger.get("/nothing-here", headers={"Host": host}).status_code in (404, 400)
