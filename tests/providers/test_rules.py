"""What a provider is and may do, as truth tables."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.core.london import london_day
from app.providers import rules
from app.providers.rules import Facts, Numbers, ProviderKind, Registration, State, Status

THEN = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("paused", "restricted", "archived", "complete", "expected"),
    [
        (False, False, False, False, State.REGISTERED),
        (False, False, False, True, State.ACTIVE),
        (True, False, False, False, State.PAUSED),
        (True, False, False, True, State.PAUSED),
        (False, True, False, False, State.RESTRICTED),
        (True, True, False, True, State.RESTRICTED),
        (False, False, True, True, State.ARCHIVED),
        (True, True, True, True, State.ARCHIVED),
    ],
)
def test_state_is_derived(paused: bool, restricted: bool, archived: bool, complete: bool, expected: State) -> None:
    assert rules.state(paused=paused, restricted=restricted, archived=archived, complete=complete) is expected


@pytest.mark.parametrize(
    ("paused_at", "until", "expected"),
    [
        (None, None, False),
        (THEN, None, True),
        (THEN, date(2026, 11, 24), True),
        (THEN, date(2026, 11, 23), False),
        (THEN, date(2026, 11, 22), False),
        (None, date(2026, 11, 24), False),
    ],
)
def test_a_pause_ends_by_itself_on_its_day(paused_at: datetime | None, until: date | None, expected: bool) -> None:
    assert rules.is_paused(paused_at, until, date(2026, 11, 23)) is expected


def test_the_day_of_return_is_in_london() -> None:
    midnight_in_summer = datetime(2026, 6, 30, 23, 0, tzinfo=UTC)
    assert london_day(midnight_in_summer) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("until", "code"),
    [
        (None, None),
        (date(2026, 11, 24), None),
        (date(2026, 11, 23), "until_past"),
        (date(2028, 12, 31), None),
        (date(2029, 1, 1), "until_far"),
    ],
)
def test_a_day_of_return_lies_ahead_and_not_too_far(until: date | None, code: str | None) -> None:
    refusal = rules.why_not_until(until, date(2026, 11, 23))
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize("verb", ["pause", "return", "archive", "restrict", "lift"])
@pytest.mark.parametrize("now", State)
def test_moves(verb: str, now: State) -> None:
    allowed = {
        ("pause", State.REGISTERED),
        ("pause", State.ACTIVE),
        ("pause", State.PAUSED),
        ("return", State.PAUSED),
        ("archive", State.REGISTERED),
        ("archive", State.ACTIVE),
        ("archive", State.PAUSED),
        ("archive", State.RESTRICTED),
        ("restrict", State.REGISTERED),
        ("restrict", State.ACTIVE),
        ("restrict", State.PAUSED),
        ("lift", State.RESTRICTED),
    }
    assert (rules.why_not_move(verb, now) is None) == ((verb, now) in allowed)


def test_what_the_profile_lacks_is_said_in_words() -> None:
    assert rules.unfinished(summary="Therapy", therapies=1, areas=1, practitioners=1) == ()
    assert rules.unfinished(summary="", therapies=0, areas=0, practitioners=0) == (
        "a summary of what you do",
        "the therapies you offer",
        "the areas you cover",
        "a practitioner",
    )


ALL_NUMBERS = {
    "company_number": "09506232",
    "charity_number": "1090095",
    "ppon": "PZGW-7196-LCHL",
    "ofsted_urn": "SC012345",
    "ico_number": "ZA123456",
}


@pytest.mark.row("1.1")
@pytest.mark.row("1.9")
@pytest.mark.parametrize("kind", ProviderKind)
def test_numbers_are_asked_of_those_who_have_them(kind: ProviderKind) -> None:
    kept = rules.as_asked(kind, Numbers(**ALL_NUMBERS, share_code="aB3dE6gH"))
    assert {name for name in ALL_NUMBERS if getattr(kept, name)} == set(rules.NUMBERS_ASKED[kind])
    assert kept.share_code == "aB3dE6gH"
    assert rules.as_asked(kind, Registration(kind=kind, name="A", **ALL_NUMBERS)).kind is kind
    refusal = rules.why_not_facts(kind, Facts(name="A"))
    assert (refusal is None) == (kind not in (ProviderKind.COMPANY, ProviderKind.CHARITY))


def test_a_sole_practitioner_has_no_company_questions() -> None:
    assert not {"company_number", "charity_number"} & set(rules.NUMBERS_ASKED[ProviderKind.SOLE_PRACTITIONER])


@pytest.mark.row("1.9")
@pytest.mark.row("1.14")
@pytest.mark.parametrize(
    "typed", ["PZGW-7196-LCHL", "GB-PPON-PZGW-7196-LCHL", "GB-PPON:PZGW-7196-LCHL", "pzgw 7196 lchl", "PZGW7196LCHL"]
)
def test_a_ppon_is_one_number_however_it_is_written(typed: str) -> None:
    assert rules.tidy_ppon(typed) == "PZGW-7196-LCHL"


@pytest.mark.row("1.9")
@pytest.mark.parametrize(
    ("field", "number", "usual"),
    [
        ("ppon", "PZGW-7196-LCHL", True),
        ("ppon", "PZGW-7196-LCHC", True),
        ("ppon", "PZGW-7196-LCHB", False),
        ("ppon", "PZGW-7106-LCHL", False),
        ("ppon", "XZGW-7196-LCHL", False),
        ("ppon", "PAGW-7196-LCHL", False),
        ("ofsted_urn", "SC012345", True),
        ("ofsted_urn", "1234567", True),
        ("ofsted_urn", "12345", False),
        ("ico_number", "ZA123456", True),
        ("ico_number", "Z123456X", True),
        ("ico_number", "A1234567", False),
        ("share_code", "aB3dE6gH", True),
        ("share_code", "aB3dE6g", False),
        ("ppon", None, True),
    ],
)
def test_a_number_of_unusual_form_is_pointed_out(field: str, number: str | None, usual: bool) -> None:
    assert (rules.identifier_warning(field, number) is None) is usual


@pytest.mark.row("1.9")
@pytest.mark.parametrize("field", rules.IDENTIFIERS)
def test_a_number_that_is_taken_says_so_and_no_more(field: str) -> None:
    refusal = rules.taken(field)
    short = rules.short_label(field)
    assert refusal.words == f"A provider with this {short} is already registered. Ask to join it."
    assert refusal.fix
    assert refusal.fix[0] == "/providers/join"


@pytest.mark.row("1.14")
def test_a_confirmation_grows_old() -> None:
    today = date(2026, 11, 23)
    assert not rules.record_stale(None, today)
    assert not rules.record_stale(today - timedelta(days=183), today)
    assert rules.record_stale(today - timedelta(days=184), today)


@pytest.mark.row("1.1")
def test_the_task_list_follows_the_facts() -> None:
    company, sole = ProviderKind.COMPANY, ProviderKind.SOLE_PRACTITIONER
    counts = {"therapies": 0, "areas": 0, "practitioners": 0}
    nothing = rules.tasks(kind=company, summary="", numbers_told=False, odd_numbers=(), **counts)
    assert [task.key for task in nothing] == ["about", "numbers", "therapies", "areas", "practitioners"]
    assert {task.status for task in nothing} == {Status.INCOMPLETE}
    counts = dict.fromkeys(counts, 1)
    everything = rules.tasks(kind=sole, summary="x", numbers_told=True, odd_numbers=["share code"], **counts)
    assert {task.status for task in everything} == {Status.COMPLETED}, "what looks odd holds nothing up"
    assert [task.warnings for task in everything if task.warnings] == [
        ("Check the share code: it does not look as usual.",)
    ]
    assert everything[-1].name == "Your own record"
    assert rules.documents_task(practitioners=0, supplied=0, wanting=["A"]).status is Status.CANNOT_START
    waiting = rules.documents_task(practitioners=1, supplied=2, wanting=["A policy", "A DBS certificate"])
    assert waiting.status is Status.INCOMPLETE
    assert waiting.hint == "2 of the 4 asked for most are supplied. Still to come: A policy; A DBS certificate"
    assert rules.documents_task(practitioners=1, supplied=4, wanting=[]).status is Status.COMPLETED


NORTH = frozenset({"a", "b", "c"})


@pytest.mark.row("1.10")
@pytest.mark.parametrize(
    ("ticked", "regions", "were", "found"),
    [
        ("", "N", "", "abc"),  # the region's box is ticked
        ("d", "N", "", "abcd"),
        ("ab", "N", "N", "ab"),  # one area is cleared under it
        ("abc", "N", "N", "abc"),
        ("abc", "", "N", ""),  # the region's box is cleared
        ("ab", "", "N", "ab"),  # and some areas with it: those left are meant
        ("abc", "", "", "abc"),  # boxes of areas alone
        ("", "elsewhere", "", ""),
    ],
)
def test_a_whole_region_is_one_box(ticked: str, regions: str, were: str, found: str) -> None:
    members = {"N": NORTH, "S": frozenset("d")}
    boxes = {"regions": [regions], "were": [were]}
    assert rules.expanded(members, ticked=ticked, **boxes) == set(found)


@pytest.mark.parametrize(
    ("typed", "tidy"),
    [("09506232", "09506232"), ("61625", "00061625"), ("sc 123456", "SC123456"), ("what", "WHAT")],
)
def test_company_numbers_are_tidied(typed: str, tidy: str) -> None:
    assert rules.tidy_company_number(typed) == tidy


def test_a_strange_number_warns_and_a_usual_one_does_not() -> None:
    assert rules.identifier_warning("company_number", "OC301540") is None
    assert rules.identifier_warning("company_number", None) is None
    assert "company number" in (rules.identifier_warning("company_number", "WHAT") or "")
    assert rules.identifier_warning("charity_number", "216250") is None
    assert "charity number" in (rules.identifier_warning("charity_number", "12") or "")
    assert rules.registration_warning(r"SW\d{1,6}", "sw 12345", "SWE") is None
    assert "SWE" in (rules.registration_warning(r"SW\d{1,6}", "12345", "SWE") or "")
    assert rules.registration_warning("", "anything", "UKCP") is None
    assert rules.registration_warning(r"SW\d{1,6}", "", "SWE") is None
