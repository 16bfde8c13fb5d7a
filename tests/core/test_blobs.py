"""Documents' bytes: named by what they are, stored once, and never outside their folder."""

import hashlib
import io
from pathlib import Path

import pytest

from app.core.blobs import PIECE, Blobs

LETTER = b"%PDF-1.7 a letter"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def store(folder: Path) -> Blobs:
    return Blobs(f"file:{folder}")


def test_what_goes_in_comes_out_under_the_name_of_its_content(store: Blobs) -> None:
    blob = store.put(io.BytesIO(LETTER), room="evidence")
    assert store.get(blob.key) == LETTER
    assert blob.sha256 == hashlib.sha256(LETTER).hexdigest()
    assert blob.size == len(LETTER)
    assert blob.key == f"evidence/{blob.sha256[:2]}/{blob.sha256}"


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, 3 * PIECE + 1])
def test_any_size_is_kept_whole(store: Blobs, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    blob = store.put(io.BytesIO(content), room="evidence")
    assert blob.size == size
    assert store.get(blob.key) == content


def test_the_same_bytes_twice_are_stored_once(store: Blobs, folder: Path) -> None:
    first = store.put(io.BytesIO(LETTER), room="evidence")
    written = (folder / first.key).stat().st_mtime_ns
    assert store.put(io.BytesIO(LETTER), room="evidence") == first
    assert store.keys() == [first.key]
    assert (folder / first.key).stat().st_mtime_ns == written


def test_rooms_do_not_share(store: Blobs) -> None:
    keys = [store.put(io.BytesIO(LETTER), room=room).key for room in ("letters", "evidence")]
    assert store.keys() == sorted(keys)
    store.delete(keys[0])
    assert store.keys() == [keys[1]]


def test_content_is_stored_from_its_start_and_left_there(store: Blobs) -> None:
    content = io.BytesIO(LETTER)
    content.read()
    assert store.get(store.put(content, room="evidence").key) == LETTER
    assert content.tell() == 0 or content.read() == b""


def test_what_is_not_there_is_a_missing_file(store: Blobs) -> None:
    with pytest.raises(FileNotFoundError):
        store.get(f"evidence/aa/{'a' * 64}")


@pytest.mark.parametrize(
    "key",
    ["../secret", "evidence/../../secret", "/secret", "./../secret", "%2e%2e/secret", "..", "evidence//../secret"],
)
def test_no_key_reaches_outside(store: Blobs, folder: Path, key: str) -> None:
    (folder.parent / "secret").write_text("not yours")
    with pytest.raises((ValueError, FileNotFoundError)):
        store.get(key)
    with pytest.raises((ValueError, TypeError, FileNotFoundError)):
        store.delete(key)
    assert (folder.parent / "secret").exists()


def test_no_room_reaches_outside(store: Blobs, folder: Path) -> None:
    with pytest.raises(ValueError, match="path"):
        store.put(io.BytesIO(LETTER), room="../outside")
    assert not (folder.parent / "outside").exists()


def test_a_second_opening_finds_what_the_first_stored(store: Blobs, folder: Path) -> None:
    blob = store.put(io.BytesIO(LETTER), room="evidence")
    assert Blobs(f"file:{folder}").get(blob.key) == LETTER
