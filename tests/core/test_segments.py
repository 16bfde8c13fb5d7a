"""A draft is written once, then read from anywhere like any file; on the disk it is never readable."""

import io
import os
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.segments import SEALED, SEGMENT, Draft, count, whole_segments


@given(
    pieces=st.lists(st.binary(max_size=40_000), max_size=8), start=st.integers(0, 200_000), size=st.integers(-1, 90_000)
)
def test_it_reads_as_a_file_of_the_same_bytes_does(pieces: list[bytes], start: int, size: int) -> None:
    with Draft() as draft:
        for piece in pieces:
            assert draft.write(piece) == len(piece)
        file = io.BytesIO(b"".join(pieces))
        assert draft.seek(start) == file.seek(start) == draft.tell()
        assert draft.read(size) == file.read(size)
        assert draft.seek(0, io.SEEK_END) == file.seek(0, io.SEEK_END)


@pytest.mark.parametrize("size", [0, 1, SEGMENT, SEGMENT + 1, 5 * SEGMENT])
def test_what_is_on_the_disk_is_as_long_as_foretold_and_not_readable(size: int) -> None:
    with Draft() as draft:
        draft.write(b"secret " * (size // 7) + b"x" * (size % 7))
        stored = draft.stored().read()
        assert len(stored) == size + 16 * count(size)
        assert b"secret" not in stored
        assert [len(piece) for piece in whole_segments([stored[:100], stored[100:]])][:-1] == [SEALED] * (
            count(size) - 1
        )


def test_it_is_finished_by_its_first_reading() -> None:
    with Draft() as draft:
        draft.write(b"abc")
        assert draft.writable()
        assert draft.read() == b"abc"
        assert not draft.writable()
        with pytest.raises(io.UnsupportedOperation):
            draft.write(b"d")


def test_a_library_reads_it_like_any_file() -> None:
    with Draft() as draft:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as made:
            made.writestr("name", bytes(200_000))
        draft.write(out.getvalue())
        with zipfile.ZipFile(draft) as parcel:  # type: ignore[arg-type]
            assert parcel.read("name") == bytes(200_000)


def test_nothing_is_left_when_it_is_closed() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with Draft() as draft:
        draft.write(bytes(300_000))
        draft.read(1)
        draft.close()
    assert len(os.listdir("/proc/self/fd")) == before
