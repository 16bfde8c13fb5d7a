"""Roles, invitations and slugs, as truth tables."""

from datetime import timedelta
from itertools import product

import pytest

from app.organisations import rules
from app.organisations.rules import FITTING, KIND_WORDS, MANAGERS, ROLE_WORDS, OrganisationKind, Role
from tests import NOON


@pytest.mark.row("16.1")
@pytest.mark.parametrize(("kind", "role"), list(product(OrganisationKind, Role)))
def test_a_role_fits_its_kind_of_organisation_or_is_refused(kind: OrganisationKind, role: Role) -> None:
    refusal = rules.why_not_give(kind, role)
    assert (refusal is None) == (role in FITTING[kind])
    assert refusal is None or refusal.words.startswith("There is no ")


def test_every_kind_and_role_has_words_and_every_kind_has_a_manager() -> None:
    assert set(KIND_WORDS) == set(FITTING) == set(OrganisationKind)
    assert set(ROLE_WORDS) == set(Role) == {role for fitting in FITTING.values() for role in fitting}
    assert all(any(role in MANAGERS for role in fitting) for fitting in FITTING.values())


def test_a_provider_has_no_commissioner_and_platform_staff_no_seat_in_buying() -> None:
    assert rules.why_not_give("provider", "commissioner")
    assert set(FITTING[OrganisationKind.PLATFORM]) == {Role.ADMINISTRATOR, Role.AUDITOR}


def test_one_does_not_invite_to_a_role_held_already() -> None:
    held = rules.why_not_invite("provider", "bids", holds_it=True)
    assert held
    assert held.code == "holds_it_already"
    assert rules.why_not_invite("provider", "bids", holds_it=False) is None
    assert rules.why_not_invite("provider", "chair", holds_it=False)


@pytest.mark.parametrize(
    ("mine", "accepted", "withdrawn", "late", "code"),
    [
        (True, False, False, False, None),
        (False, False, False, False, "another_address"),
        (True, True, False, False, "dead_invitation"),
        (True, False, True, False, "dead_invitation"),
        (True, False, False, True, "dead_invitation"),
        (False, False, True, False, "dead_invitation"),
    ],
)
def test_an_invitation_works_once_for_one_address_and_a_while(
    mine: bool, accepted: bool, withdrawn: bool, late: bool, code: str | None
) -> None:
    refusal = rules.why_not_accept(
        sent_to="ann@example.org",
        email="ann@example.org" if mine else "bob@example.org",
        accepted=accepted,
        withdrawn=withdrawn,
        ends_at=NOON if late else NOON + timedelta(seconds=1),
        now=NOON,
    )
    assert (refusal.code if refusal else None) == code


@pytest.mark.parametrize(
    ("role", "managers", "ends"),
    [("owner", 1, False), ("owner", 2, True), ("administrator", 1, False), ("bids", 1, True), ("bids", 0, True)],
)
def test_the_last_who_can_invite_stays(role: str, managers: int, ends: bool) -> None:
    assert (rules.why_not_end(role, managers=managers) is None) == ends


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Bournemouth, Christchurch and Poole", "bournemouth-christchurch-and-poole"),
        ("St Margaret's Society", "st-margarets-society"),
        ("PACT (Parents and Children Together)", "pact-parents-and-children-together"),
        ("Stockton-on-Tees", "stockton-on-tees"),
        ("Ynys Môn", "ynys-mon"),
    ],
)
def test_a_slug_is_plain_letters(name: str, slug: str) -> None:
    assert rules.slug(name) == slug
