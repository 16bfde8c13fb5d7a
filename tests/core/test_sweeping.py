"""What no row names goes, what a row misses is told, keys are changed; stopped anywhere, begun again, it comes out the same."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from app.core.blobs import Blob, Blobs, StoredBlob, condemn, find, remember
from app.core.crypto import Unreadable
from app.core.database import Database
from app.core.sweeping import GRACE, bury, rewrap, sweep
from app.settings import DEVELOPMENT_DOCUMENT_KEYS as OLD
from app.settings import Settings
from tests.conftest import Clock

NEW = "2027:" + "A" * 43 + "="


def _put(db: Database, blobs: Blobs, content: bytes, *, named: bool = True) -> Blob:
    blob = blobs.put(io.BytesIO(content), room="evidence")
    if named:
        with db.write() as session:
            remember(session, blob)
    return blob


def _later(db: Database, blobs: Blobs, clock: Clock) -> None:
    """So late that everything stored by now is past its grace, by the store's clock and ours."""
    newest = max(at for _, at in blobs.listing())
    clock.set(max(newest, clock.moment) + GRACE + timedelta(seconds=1))


def _read(session: Session, blobs: Blobs, key: str) -> bytes:
    return b"".join(blobs.read(find(session, key)))


@pytest.mark.bar("R8")
def test_what_no_row_names_is_deleted_after_a_day_and_not_before(
    db: Database, blobs: Blobs, config: Settings, clock: Clock
) -> None:
    kept = _put(db, blobs, b"named")
    orphan = _put(db, blobs, b"its upload was cut off", named=False)
    torn = Path(config.blob_url.removeprefix("file:")) / "evidence" / "part-x"
    torn.write_bytes(b"its process died")
    clock.set(max(at for _, at in blobs.listing()))
    assert sweep(db, blobs).deleted == []
    _later(db, blobs, clock)
    swept = sweep(db, blobs)
    assert (swept.stored, swept.deleted, swept.missing) == (3, sorted((orphan.key, "evidence/part-x")), [])
    assert blobs.keys() == [kept.key]
    assert sweep(db, blobs).deleted == []


@pytest.mark.bar("R8")
def test_rows_without_their_bytes_are_told(db: Database, blobs: Blobs, clock: Clock) -> None:
    lost, _ = _put(db, blobs, b"lost"), _put(db, blobs, b"kept")
    _later(db, blobs, clock)
    blobs.delete(lost.key)
    assert sweep(db, blobs).missing == [lost.key]


def test_what_is_condemned_is_buried(db: Database, blobs: Blobs) -> None:
    bad, good = _put(db, blobs, b"bad"), _put(db, blobs, b"good")
    with db.write() as session:
        condemn(session, bad.key)
    assert bury(db, blobs) == 1
    assert blobs.keys() == [good.key]
    with db.read() as session:
        assert session.exec(select(StoredBlob.key)).all() == [good.key]


@pytest.mark.row("3.3")
def test_rotation_changes_wrapped_keys_alone_and_can_be_stopped_anywhere(
    db: Database, blobs: Blobs, config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.core.sweeping._BATCH", 2)
    made = [_put(db, blobs, b"document %d" % number) for number in range(5)]
    stored = {key: blobs.get(key) for key in blobs.keys()}  # noqa: SIM118 - not a dict
    both = Blobs(config.blob_url, f"{NEW},{OLD}")
    wrap, left = both.keyring.wrap, [3]

    def stopped(key: bytes, *, bound_to: bytes) -> bytes:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return wrap(key, bound_to=bound_to)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(both.keyring, "wrap", stopped)
        rewrap(db, both)
    with db.read() as session:
        assert sorted(session.exec(select(StoredBlob.key_id))) == ["2027"] * 2 + ["development"] * 3
        assert [_read(session, both, blob.key) for blob in made] == [b"document %d" % n for n in range(5)]
    assert rewrap(db, both) == 3
    assert rewrap(db, both) == 0
    assert {key: blobs.get(key) for key in stored} == stored
    with db.read() as session:
        assert [_read(session, Blobs(config.blob_url, NEW), blob.key) for blob in made]
        with pytest.raises(Unreadable):
            _read(session, blobs, made[0].key)


def test_rotation_without_the_old_key_says_so_and_changes_nothing(db: Database, blobs: Blobs, config: Settings) -> None:
    _put(db, blobs, b"document")
    with pytest.raises(Unreadable, match="development is not among"):
        rewrap(db, Blobs(config.blob_url, NEW))
    with db.read() as session:
        assert session.exec(select(StoredBlob.key_id)).all() == ["development"]


def test_a_swapped_row_does_not_open(db: Database, blobs: Blobs) -> None:
    one, other = _put(db, blobs, b"one"), _put(db, blobs, b"other")
    with db.write() as session:
        row = session.exec(select(StoredBlob).where(col(StoredBlob.key) == one.key)).one()
        row.wrapped_key = other.wrapped_key
    with db.read() as session, pytest.raises(Unreadable):
        _read(session, blobs, one.key)
    assert replace(one) == one
