"""Eligibility as a truth table: every reason is given, each with the link that fixes it."""

from datetime import date
from itertools import product
from uuid import uuid4

import pytest

from app.core.refusals import Refusal
from app.evidence.rules import Standing
from app.frameworks.rules import Phase
from app.memberships.rules import State, Why, is_why, state, why_not_eligible

PROVIDER, FRAMEWORK, MEMBERSHIP = uuid4(), uuid4(), uuid4()
FINE = {
    "provider_id": PROVIDER,
    "framework_id": FRAMEWORK,
    "membership_id": MEMBERSHIP,
    "signed": True,
    "phase": Phase.LIVE,
    "paused": False,
    "restricted": False,
    "closed": False,
    "evidence": (("Public liability insurance", Standing.VERIFIED),),
}


def test_nothing_stands_in_the_way_of_a_member_in_order() -> None:
    assert why_not_eligible(**FINE) == ()


@pytest.mark.row("4.9")
@pytest.mark.parametrize(
    ("different", "code", "fix"),
    [
        ({"membership_id": None}, "not_a_member", f"/frameworks/{FRAMEWORK}"),
        ({"signed": False}, "not_signed", f"/memberships/{MEMBERSHIP}/agreement"),
        ({"countersigned": False}, "not_countersigned", f"/memberships/{MEMBERSHIP}/agreement"),
        ({"signed": False, "countersigned": False}, "not_signed", f"/memberships/{MEMBERSHIP}/agreement"),
        (
            {"countersigned": False, "on_hold_until": date(2026, 12, 1)},
            "on_hold",
            f"/memberships/{MEMBERSHIP}/agreement",
        ),
        ({"paused": True}, "provider_paused", f"/providers/{PROVIDER}"),
        ({"restricted": True}, "provider_restricted", f"/providers/{PROVIDER}/restriction"),
        ({"closed": True}, "provider_closed", None),
        ({"phase": Phase.ENDED}, "framework_ended", None),
        ({"phase": Phase.WITHDRAWN}, "framework_ended", None),
        ({"phase": Phase.APPROVED}, "framework_not_begun", None),
    ],
)
def test_each_reason_has_words_and_the_link_that_fixes_it(
    different: dict[str, object], code: str, fix: str | None
) -> None:
    (reason,) = why_not_eligible(**{**FINE, **different})
    assert (reason.code, reason.fix and reason.fix[0]) == (code, fix)
    assert reason.words.endswith(".")


@pytest.mark.parametrize("standing", list(Standing))
def test_evidence_counts_only_when_verified_and_current(standing: Standing) -> None:
    reasons = why_not_eligible(**{**FINE, "evidence": (("Public liability insurance", standing),)})
    if standing is Standing.VERIFIED:
        assert reasons == ()
        return
    assert reasons[0].code == f"evidence_{standing}"
    assert reasons[0].words.startswith("Public liability insurance ")
    assert reasons[0].fix is not None
    page = "relied-on" if standing is Standing.UNACCEPTED else "evidence"
    assert reasons[0].fix[0] == f"/providers/{PROVIDER}/{page}"


def test_every_reason_is_given_at_once() -> None:
    reasons = why_not_eligible(
        **{
            **FINE,
            "signed": False,
            "paused": True,
            "phase": Phase.ENDED,
            "evidence": (("DBS", Standing.MISSING), ("Insurance", Standing.EXPIRED), ("ICO", Standing.VERIFIED)),
        }
    )
    assert [reason.code for reason in reasons] == [
        "framework_ended",
        "provider_paused",
        "not_signed",
        "evidence_missing",
        "evidence_expired",
    ]


REASONS = {
    (): State.ACTIVE,
    ("evidence_missing",): State.CONDITIONAL,
    ("evidence_returned", "evidence_awaiting_check", "evidence_promised"): State.CONDITIONAL,
    ("evidence_expired",): State.SUSPENDED,
    ("evidence_missing", "evidence_expired"): State.SUSPENDED,
    ("provider_paused",): State.SUSPENDED,
}


@pytest.mark.parametrize(("signed", "ended"), list(product((True, False), repeat=2)))
@pytest.mark.parametrize("codes", list(REASONS))
@pytest.mark.parametrize("phase", list(Phase))
def test_the_state_is_derived(signed: bool, ended: bool, codes: tuple[str, ...], phase: Phase) -> None:
    found = state(signed=signed, ended=ended, phase=phase, reasons=[Refusal(code, "Why.") for code in codes])
    if ended or phase in (Phase.ENDED, Phase.WITHDRAWN):
        assert found is State.ENDED
    elif not signed:
        assert found is State.CONDITIONAL
    else:
        assert found is REASONS[codes]


@pytest.mark.row("4.9")
@pytest.mark.parametrize(
    ("codes", "whys"),
    [
        ((), {Why.NOTHING}),
        (("evidence_expired", "not_signed"), {Why.EVIDENCE, Why.AGREEMENT}),
        (("not_countersigned",), {Why.AGREEMENT}),
        (("on_hold",), {Why.AGREEMENT}),
        (("membership_paused",), {Why.PAUSE}),
        (("provider_paused", "suspended"), {Why.PAUSE, Why.HELD}),
        (("provider_restricted",), {Why.HELD}),
        (("framework_ended",), set()),
    ],
)
def test_what_a_list_is_narrowed_to(codes: tuple[str, ...], whys: set[Why]) -> None:
    reasons = [Refusal(code, "Why.") for code in codes]
    assert {why for why in Why if is_why(why, reasons)} == whys


@pytest.mark.row("4.3")
@pytest.mark.parametrize(
    ("different", "code", "becomes"),
    [
        ({"suspended": True}, "suspended", State.SUSPENDED),
        ({"back_on": date(2027, 1, 4)}, "membership_paused", State.PAUSED),
        ({"ended_on": date(2026, 11, 1)}, "notice_over", State.SUSPENDED),
    ],
)
def test_what_its_lead_or_its_provider_decided_is_a_reason(
    different: dict[str, object], code: str, becomes: State
) -> None:
    reasons = why_not_eligible(**{**FINE, **different})
    assert [reason.code for reason in reasons] == [code]
    assert state(signed=True, ended=False, phase=Phase.LIVE, reasons=reasons) is becomes
