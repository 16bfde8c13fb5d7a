"""Documents' bytes: encrypted one by one, named by what is stored, read in parts, and never outside their folder."""

import hashlib
import io
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.blobs import PIECE, Blob, Blobs, StoreAway, condemn, find, remember
from app.core.crypto import Keyring, Unreadable
from app.core.database import Database
from app.core.refusals import NotFound
from app.core.rows import new_id
from app.core.segments import SEALED, count
from app.settings import DEVELOPMENT_DOCUMENT_KEYS as KEYS

LETTER = b"%PDF-1.7 a letter"
NEW_KEY = "2027:" + "A" * 43 + "="


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def store(folder: Path) -> Blobs:
    return Blobs(f"file:{folder}", KEYS)


def _put(store: Blobs, content: bytes = LETTER) -> Blob:
    return store.put(io.BytesIO(content), room="evidence")


def _read(store: Blobs, blob: Blob, *part: int) -> bytes:
    return b"".join(store.read(blob, *part))


def test_what_goes_in_comes_out_under_the_name_of_its_identity(store: Blobs, folder: Path) -> None:
    blob = _put(store)
    assert _read(store, blob) == LETTER
    assert (blob.sha256, blob.size) == (hashlib.sha256(LETTER).hexdigest(), len(LETTER))
    stored = (folder / blob.key).read_bytes()
    name = blob.bound_to.hex
    assert blob.key == f"evidence/{name[:2]}/{name}"
    assert store.get(blob.key) == stored
    assert LETTER not in stored


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 1])
def test_any_size_is_kept_whole(store: Blobs, size: int) -> None:
    content = bytes(range(256)) * (size // 256) + bytes(size % 256)
    blob = _put(store, content)
    assert (blob.size, _read(store, blob)) == (size, content)
    assert len(store.get(blob.key)) == size + 16 * count(size)


@pytest.mark.parametrize(
    "part", [(0, 1), (PIECE - 1, PIECE + 1), (PIECE, PIECE + 1), (5, 2 * PIECE), (2 * PIECE, 2 * PIECE + 10), (7, 8)]
)
def test_a_part_is_read_without_the_rest(store: Blobs, folder: Path, part: tuple[int, int]) -> None:
    """Every other segment may be gone, and it still opens."""
    content = bytes(range(251)) * 530
    blob = _put(store, content)
    stored = bytearray((folder / blob.key).read_bytes())
    first, last = part[0] // PIECE, (part[1] - 1) // PIECE
    for number in range(len(stored) // SEALED + 1):
        if not first <= number <= last:
            stored[number * SEALED : (number + 1) * SEALED] = bytes(
                len(stored[number * SEALED : (number + 1) * SEALED])
            )
    (folder / blob.key).write_bytes(stored)
    assert _read(store, blob, *part) == content[part[0] : part[1]]
    with pytest.raises(Unreadable):
        _read(store, blob)


def test_the_same_content_twice_is_stored_under_two_keys_and_two_names(store: Blobs) -> None:
    """Else whoever sees the store, or how long an upload takes, could ask whether somebody has a certain file."""
    first, second = _put(store), _put(store)
    assert first.sha256 == second.sha256
    assert store.get(first.key) != store.get(second.key)
    assert store.keys() == sorted((first.key, second.key))


def test_rooms_do_not_share(store: Blobs) -> None:
    keys = [store.put(io.BytesIO(LETTER), room=room).key for room in ("letters", "evidence")]
    assert store.keys() == sorted(keys)
    for _ in range(2):
        store.delete(keys[0])
    assert store.keys() == [keys[1]]


def test_content_is_stored_from_its_start(store: Blobs) -> None:
    content = io.BytesIO(LETTER)
    content.read()
    assert _read(store, store.put(content, room="evidence")) == LETTER


def test_what_is_not_there_is_a_missing_file(store: Blobs) -> None:
    blob = _put(store)
    store.delete(blob.key)
    with pytest.raises(FileNotFoundError):
        _read(store, blob)
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
    with suppress(ValueError, TypeError):
        store.delete(key)
    assert (folder.parent / "secret").exists()


def test_no_room_reaches_outside(store: Blobs, folder: Path) -> None:
    with pytest.raises(ValueError, match="path"):
        store.put(io.BytesIO(LETTER), room="../outside")
    assert not (folder.parent / "outside").exists()


def test_a_second_opening_finds_what_the_first_stored(store: Blobs, folder: Path) -> None:
    assert _read(Blobs(f"file:{folder}", KEYS), _put(store)) == LETTER


def test_it_opens_with_its_own_key_and_identity_alone(store: Blobs, folder: Path) -> None:
    blob, other = _put(store), _put(store)
    for wrong in (
        replace(blob, bound_to=new_id()),
        replace(blob, wrapped_key=other.wrapped_key),
        replace(blob, prefix=other.prefix),
        replace(blob, key=other.key),
        replace(blob, key_id="2027"),
    ):
        with pytest.raises(Unreadable):
            _read(store, wrong)
    with pytest.raises(Unreadable, match="not among"):
        _read(Blobs(f"file:{folder}", NEW_KEY), blob)


@pytest.mark.parametrize("how", ["cut at a segment", "cut within one", "swapped", "one bit", "longer", "empty"])
def test_stored_bytes_that_were_changed_do_not_open(store: Blobs, folder: Path, how: str) -> None:
    blob = _put(store, bytes(3 * PIECE + 5))
    stored = (folder / blob.key).read_bytes()
    segments = [stored[n : n + SEALED] for n in range(0, len(stored), SEALED)]
    changed = {
        "cut at a segment": b"".join(segments[:2]),
        "cut within one": stored[:-3],
        "swapped": b"".join((segments[1], segments[0], *segments[2:])),
        "one bit": stored[:100] + bytes([stored[100] ^ 1]) + stored[101:],
        "longer": stored + segments[-1],
        "empty": b"",
    }[how]
    (folder / blob.key).write_bytes(changed)
    with pytest.raises((Unreadable, StoreAway)):
        _read(store, blob)


def test_a_torn_write_leaves_nothing(store: Blobs, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StoreAway, match="No space left"):
        _put(store)
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_the_row_opens_it_until_it_is_condemned(store: Blobs, db: Database) -> None:
    blob = _put(store)
    for _ in range(2):
        with db.write() as session:
            remember(session, blob)
    with db.read() as session:
        assert _read(store, find(session, blob.key)) == LETTER
        with pytest.raises(NotFound):
            find(session, "evidence/aa/unknown")
    for _ in range(2):
        with db.write() as session:
            condemn(session, blob.key)
    with db.read() as session, pytest.raises(NotFound):
        find(session, blob.key)


def test_bytes_from_before_encryption_are_read_as_they_stand(store: Blobs, folder: Path) -> None:
    (folder / "evidence" / "aa").mkdir(parents=True)
    (folder / "evidence" / "aa" / "old").write_bytes(LETTER)
    old = Blob("evidence/aa/old", "", len(LETTER), new_id())
    assert _read(store, old) == LETTER
    assert _read(store, old, 5, 8) == LETTER[5:8]


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("", "key 1"),
        ("no-colon", "key 1"),
        (f"{NEW_KEY},{NEW_KEY}", "key 2"),
        ("2027:???", "not base64"),
        ("2027:c2hvcnQ=", "not 32 bytes"),
        (f"{'x' * 41}:{NEW_KEY[5:]}", "key 1"),
    ],
)
def test_keys_that_cannot_be_used_are_named_without_being_told(listed: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as error:
        Keyring.parse(listed)
    assert NEW_KEY[5:] not in str(error.value)


def test_the_first_key_is_the_current_one() -> None:
    assert Keyring.parse(f"{NEW_KEY}, {KEYS}").current == "2027"
