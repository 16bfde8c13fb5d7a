"""What evidence is worth on a day and who may do what, as truth tables."""

from datetime import UTC, date, datetime
from itertools import product
from uuid import uuid4

import pytest

from app.core.london import london_day
from app.evidence import rules
from app.evidence.rules import ItemFacts, KindFacts, Outcome, ScanState, Standing

TODAY, YESTERDAY, TOMORROW = date(2026, 11, 23), date(2026, 11, 22), date(2026, 11, 24)


def kind(**changes: object) -> KindFacts:
    told: dict[str, object] = {
        "slug": "ins_public_liability",
        "name": "Public liability insurance",
        "holder": "organisation",
        "category": "insurance",
        "issuer": "Insurer",
        "reference_label": "Policy number",
        "reference_pattern": "",
        "expiry_kind": "fixed",
        "capture": "file",
        "sensitivity": "commercial",
        "promised_until_award": True,
    }
    return KindFacts(**{**told, **changes})  # type: ignore[arg-type]


FULL = ItemFacts(
    kind="ins_public_liability",
    issuer="Example Insurance",
    reference="PL-1",
    cover_pence=500_000_000,
    starts_on=YESTERDAY,
    expires_on=TODAY,
)
NOTHING, VERIFIED, RETURNED = None, Outcome.VERIFIED, Outcome.RETURNED


@pytest.mark.row("3.5")
@pytest.mark.row("3.16")
@pytest.mark.parametrize(
    ("promisable", "submitted", "outcome", "starts_on", "expires_on", "expected"),
    [
        (True, False, NOTHING, None, None, Standing.PROMISED),
        (False, False, NOTHING, None, None, Standing.MISSING),
        (True, True, NOTHING, None, None, Standing.AWAITING_CHECK),
        (False, True, NOTHING, None, TODAY, Standing.AWAITING_CHECK),
        (True, True, RETURNED, None, None, Standing.RETURNED),
        (False, True, RETURNED, TOMORROW, TOMORROW, Standing.RETURNED),
        (False, True, VERIFIED, None, None, Standing.VERIFIED),
        (False, True, VERIFIED, TODAY, TODAY, Standing.VERIFIED),
        (True, True, VERIFIED, TOMORROW, TOMORROW, Standing.PROMISED),
        (False, True, VERIFIED, TOMORROW, TOMORROW, Standing.MISSING),
        (True, True, VERIFIED, None, YESTERDAY, Standing.EXPIRED),
        (True, True, RETURNED, None, YESTERDAY, Standing.EXPIRED),
        (True, True, NOTHING, None, YESTERDAY, Standing.EXPIRED),
        (True, False, NOTHING, None, YESTERDAY, Standing.EXPIRED),
    ],
)
def test_standing(
    promisable: bool,
    submitted: bool,
    outcome: Outcome | None,
    starts_on: date | None,
    expires_on: date | None,
    expected: Standing,
) -> None:
    got = rules.standing(
        promisable=promisable,
        submitted=submitted,
        outcome=outcome,
        starts_on=starts_on,
        expires_on=expires_on,
        on=TODAY,
    )
    assert got is expected


@pytest.mark.invariant(5)
@pytest.mark.row("3.5")
@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2027, 6, 30, 22, 59, 59, tzinfo=UTC), Standing.VERIFIED),  # 23:59:59 in London, in summer
        (datetime(2027, 6, 30, 23, 0, 0, tzinfo=UTC), Standing.EXPIRED),  # 00:00 on 1 July in London
    ],
)
def test_evidence_expires_at_midnight_in_london(moment: datetime, expected: Standing) -> None:
    got = rules.standing(
        promisable=True,
        submitted=True,
        outcome=VERIFIED,
        starts_on=None,
        expires_on=date(2027, 6, 30),
        on=london_day(moment),
    )
    assert got is expected


def test_the_best_item_speaks_for_its_kind() -> None:
    assert rules.best([]) is Standing.MISSING
    assert rules.best([Standing.EXPIRED, Standing.VERIFIED, Standing.RETURNED]) is Standing.VERIFIED
    assert rules.best([Standing.EXPIRED, Standing.AWAITING_CHECK]) is Standing.AWAITING_CHECK
    assert rules.best([Standing.RETURNED, Standing.PROMISED]) is Standing.PROMISED


@pytest.mark.parametrize(
    ("expires_on", "expected"),
    [(None, False), (YESTERDAY, False), (TODAY, True), (date(2027, 1, 21), True), (date(2027, 1, 22), False)],
)
def test_expires_soon(expires_on: date | None, expected: bool) -> None:
    assert rules.expires_soon(expires_on, TODAY) is expected


@pytest.mark.invariant(6)
@pytest.mark.parametrize("state", ScanState)
def test_only_a_clean_file_may_be_served(state: ScanState) -> None:
    assert rules.may_serve(state) is (state is ScanState.CLEAN)


@pytest.mark.row("3.2")
@pytest.mark.parametrize(("state", "verdict"), list(product(ScanState, ScanState)))
def test_a_verdict_is_given_once(state: ScanState, verdict: ScanState) -> None:
    open_states = {ScanState.QUARANTINED, ScanState.SCAN_FAILED}
    allowed = state in open_states and verdict is not ScanState.QUARANTINED and verdict is not state
    assert ((state, verdict) in rules.SCAN_MOVES) is allowed


@pytest.mark.row("3.1")
def test_what_a_checker_needs_is_asked_by_kind() -> None:
    assert rules.lacking(kind(), FULL) == ()
    assert rules.lacking(kind(), ItemFacts(kind="ins_public_liability")) == (
        "the insurer",
        "the policy number",
        "the amount of cover",
        "the expiry date",
    )
    policy = kind(category="safeguarding", reference_label="", expiry_kind="review")
    assert rules.lacking(policy, ItemFacts(kind="safeguarding_policy")) == ()


@pytest.mark.parametrize(
    ("capture", "scans", "on", "code"),
    [
        ("file", [ScanState.CLEAN], TODAY, None),
        ("file", [ScanState.CLEAN, ScanState.INFECTED], TODAY, None),
        ("file", [], TODAY, "no_document"),
        ("file", [ScanState.INFECTED], TODAY, "no_document"),
        ("file", [ScanState.QUARANTINED], TODAY, "not_scanned"),
        ("file", [ScanState.CLEAN, ScanState.SCAN_FAILED], TODAY, "not_scanned"),
        ("reference", [], TODAY, None),
        ("reference", [ScanState.QUARANTINED], TODAY, "not_scanned"),
        ("file", [ScanState.CLEAN], TOMORROW, "expired"),
    ],
)
def test_why_not_submit(capture: str, scans: list[ScanState], on: date, code: str | None) -> None:
    refusal = rules.why_not_submit(kind(capture=capture), FULL, scans, on=on, recorded=False)
    assert (refusal.code if refusal else None) == code


def test_missing_facts_are_said_before_anything_else() -> None:
    refusal = rules.why_not_submit(kind(), ItemFacts(kind="x", issuer="I", reference="R"), [], on=TODAY, recorded=False)
    assert refusal is not None
    assert "the amount of cover and the expiry date" in refusal.words


def test_impossible_facts() -> None:
    person = kind(holder="person")
    assert rules.why_not_facts(kind(), FULL) is None
    assert rules.why_not_facts(person, ItemFacts(kind="x", practitioner_id=uuid4())) is None
    refused = rules.why_not_facts(person, ItemFacts(kind="x"))
    assert refused is not None
    assert refused.code == "practitioner_missing"
    backwards = rules.why_not_facts(kind(), ItemFacts(kind="x", starts_on=TODAY, expires_on=YESTERDAY))
    assert backwards is not None
    assert backwards.code == "expires_before_start"


@pytest.mark.row("3.6")
def test_nobody_checks_their_own_organisation() -> None:
    own, other = uuid4(), uuid4()
    assert rules.why_not_check(provider_id=own, organisations={other}) is None
    refused = rules.why_not_check(provider_id=own, organisations={own, other})
    assert refused is not None
    assert refused.code == "own_organisation"


@pytest.mark.row("3.8")
@pytest.mark.parametrize(
    ("sensitivity", "saw_original", "expires_on", "code"),
    [
        ("commercial", False, None, None),
        ("commercial", False, YESTERDAY, "expired"),
        (rules.NARROW, False, None, "original_not_seen"),
        (rules.NARROW, True, None, None),
        (rules.NARROW, True, YESTERDAY, "expired"),
    ],
)
def test_why_not_verify(sensitivity: str, saw_original: bool, expires_on: date | None, code: str | None) -> None:
    refusal = rules.why_not_verify(
        kind(sensitivity=sensitivity), expires_on=expires_on, on=TODAY, saw_original=saw_original
    )
    assert (refusal.code if refusal else None) == code


def test_a_strange_reference_warns_and_is_never_refused() -> None:
    fmc = kind(reference_label="FMC URN", reference_pattern=r"\d{3,5}[APTX]")
    assert rules.reference_warning(fmc, "0123 a") is None
    assert "FMC URN" in (rules.reference_warning(fmc, "what") or "")
    assert rules.reference_warning(fmc, "") is None
    assert rules.reference_warning(kind(), "anything") is None
    share_code = kind(reference_label="Share code", reference_pattern="[0-9A-Za-z]{8}")
    assert rules.reference_warning(share_code, "HJ7kQ9bT") is None


@pytest.mark.row("3.12")
@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 20), date(2026, 11, 23), 1),  # Friday to Monday
        (date(2026, 11, 21), date(2026, 11, 22), 0),  # Saturday to Sunday
        (date(2026, 11, 9), date(2026, 11, 23), 10),
    ],
)
def test_working_days(since: date, until: date, expected: int) -> None:
    assert rules.working_days(since, until) == expected


def test_every_reason_has_words() -> None:
    assert set(rules.REASONS) == set(rules.Reason)
