"""Sealed content opens with the right secret, for the row it was sealed for, unchanged; or not at all."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.crypto import Envelope, Unreadable, digest, seal, unseal

SECRET = "a secret of the service, long enough"
ROW = b"bid 1"
LETTER = b"We would work with both siblings together. GBP 2,400."


@given(content=st.binary(max_size=2_000), row=st.binary(max_size=40))
def test_what_is_sealed_is_read_again(content: bytes, row: bytes) -> None:
    assert unseal(seal(content, secret=SECRET, bound_to=row), secret=SECRET, bound_to=row) == content


def test_nothing_of_the_content_shows() -> None:
    envelope = seal(LETTER, secret=SECRET, bound_to=ROW)
    assert LETTER not in envelope.ciphertext
    assert b"siblings" not in envelope.ciphertext + envelope.wrapped_key


def test_the_same_content_never_looks_the_same_twice() -> None:
    """Else two bids with one price could be told to be equal."""
    first, second = (seal(LETTER, secret=SECRET, bound_to=ROW) for _ in range(2))
    assert first.ciphertext != second.ciphertext
    assert first.wrapped_key != second.wrapped_key


def test_the_wrong_secret_opens_nothing() -> None:
    with pytest.raises(Unreadable):
        unseal(seal(LETTER, secret=SECRET, bound_to=ROW), secret=SECRET + "!", bound_to=ROW)


def test_an_envelope_moved_to_another_row_does_not_open() -> None:
    with pytest.raises(Unreadable):
        unseal(seal(LETTER, secret=SECRET, bound_to=ROW), secret=SECRET, bound_to=b"bid 2")


def test_content_swapped_between_two_envelopes_does_not_open() -> None:
    mine, yours = (seal(letter, secret=SECRET, bound_to=ROW) for letter in (LETTER, b"another"))
    with pytest.raises(Unreadable):
        unseal(replace(mine, ciphertext=yours.ciphertext), secret=SECRET, bound_to=ROW)


@pytest.mark.parametrize("part", ["wrapped_key", "ciphertext"])
def test_one_flipped_bit_anywhere_is_noticed(part: str) -> None:
    envelope = seal(b"short", secret=SECRET, bound_to=ROW)
    whole: bytes = getattr(envelope, part)
    for bit in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Unreadable):
            unseal(replace(envelope, **{part: bytes(flipped)}), secret=SECRET, bound_to=ROW)


@pytest.mark.parametrize("part", ["wrapped_key", "ciphertext"])
def test_a_cut_envelope_is_noticed_wherever_it_was_cut(part: str) -> None:
    envelope = seal(b"short", secret=SECRET, bound_to=ROW)
    whole: bytes = getattr(envelope, part)
    for length in range(len(whole)):
        with pytest.raises(Unreadable):
            unseal(replace(envelope, **{part: whole[:length]}), secret=SECRET, bound_to=ROW)


def test_an_empty_envelope_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        unseal(Envelope(b"", b""), secret=SECRET, bound_to=ROW)


def test_a_digest_is_sha_256_in_hexadecimal() -> None:
    assert digest(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
