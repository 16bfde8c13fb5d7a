"""Documents' bytes, encrypted, in a folder or in any S3-compatible store. Bytes first, then the row that names them.

Each blob is encrypted under a data key of its own, which stands, wrapped, in the row (`StoredBlob`). In the store it has the
name of the random identity that it is bound to, which tells nobody what is in it.
"""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, Final
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import from_url
from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel

from app.core import clock
from app.core.crypto import Keyring
from app.core.refusals import NotFound
from app.core.rows import new_id
from app.core.segments import SEALED, SEGMENT, Draft, Segments, opened

PIECE: Final = SEGMENT
PART: Final = 5 << 20  # the smallest that S3 takes as one part of several
PATIENCE: Final = 10.0


class StoreAway(OSError):
    """The document store cannot be reached, or refuses: nothing is lost, and a later attempt may fare better."""


@dataclass(frozen=True, slots=True)
class Blob:
    """`key` names it in the store, `sha256` in hexadecimal its content, `size` is in bytes; the rest opens it.

    `wrapped_key` is None for bytes stored before documents were encrypted.
    """

    key: str
    sha256: str
    size: int
    bound_to: UUID
    prefix: bytes = b""
    wrapped_key: bytes | None = None
    key_id: str = ""


class StoredBlob(SQLModel, table=True):
    """What opens a blob. Condemned, it has lost its key: nobody opens it again, and its bytes go when the store lets them."""

    __tablename__ = "stored_blob"

    key: str = Field(primary_key=True, max_length=200)
    bound_to: UUID = Field(default_factory=new_id)
    sha256: str = Field(max_length=64)
    size: int = Field(sa_type=BigInteger)
    prefix: bytes = b""
    wrapped_key: bytes | None = None
    key_id: str = Field(default="", max_length=40, index=True)
    stored_at: datetime
    condemned_at: datetime | None = Field(default=None, index=True)


def remember(session: Session, blob: Blob) -> None:
    """Name stored bytes in this write, with the wrapped key that opens them."""
    if session.get(StoredBlob, blob.key) is None:
        session.add(
            StoredBlob(
                key=blob.key,
                bound_to=blob.bound_to,
                sha256=blob.sha256,
                size=blob.size,
                prefix=blob.prefix,
                wrapped_key=blob.wrapped_key,
                key_id=blob.key_id,
                stored_at=clock.now(session),
            )
        )
        session.flush()


def find(session: Session, key: str) -> Blob:
    """What opens this blob. Raises `NotFound` when it was condemned, or never named."""
    row = session.get(StoredBlob, key)
    if row is None or row.condemned_at is not None:
        raise NotFound
    return known(row)


def known(row: StoredBlob) -> Blob:
    return Blob(row.key, row.sha256, row.size, row.bound_to, row.prefix, row.wrapped_key, row.key_id)


def condemn(session: Session, key: str) -> None:
    """Throw the key away in this write, and with it what it opens; the bytes are deleted afterwards, by `sweep`."""
    row = session.get(StoredBlob, key)
    if row is not None and row.condemned_at is None:
        row.condemned_at, row.wrapped_key, row.key_id = clock.now(session), None, ""
        session.add(row)


@contextmanager
def _in_our_words() -> Iterator[None]:
    """A store that is away or refuses raises `StoreAway`, whichever store it is; bytes that are not there, `FileNotFoundError`."""
    try:
        yield
    except FileNotFoundError:
        raise
    except BaseError as error:
        raise StoreAway(f"the document store failed: {type(error).__name__}") from error
    except OSError as error:
        raise StoreAway(f"the document store failed: {error.strerror}") from error


class Blobs:
    """Every method raises `StoreAway` when the store is away.

    `url` is `file:PATH`, `s3://bucket`, or `s3+http://bucket` where it has no TLS (credentials and endpoint from the AWS_
    variables), `keys` are those of the settings; `patience` is how many seconds one request to a store on the network may take.
    """

    def __init__(self, url: str, keys: str, *, patience: float = PATIENCE) -> None:
        self.keyring = Keyring.parse(keys)
        self._folder: Path | None = None
        if url.startswith("file:"):
            self._folder = Path(url.removeprefix("file:")).resolve()
            self._folder.mkdir(parents=True, exist_ok=True)
            self._store: Any = from_url(self._folder.as_uri())
        else:
            limit = timedelta(seconds=patience)
            plain = url.startswith("s3+http:")
            self._store = from_url(
                url.replace("s3+http:", "s3:", 1),
                client_options={"timeout": limit, "connect_timeout": limit, "allow_http": plain},
                retry_config={"max_retries": 2, "retry_timeout": limit},
            )

    def draft(self) -> Draft:
        """A file to be written and looked at before it is kept."""
        with _in_our_words():
            return Draft(self._folder)

    def keep(self, draft: Draft, *, room: str) -> Blob:
        """Store a draft. It is on the disk, or with the store, when this returns."""
        if not re.fullmatch(r"[a-z]+", room):
            raise ValueError(f"{room!r} is no room's name, and would be a path")
        name = draft.bound_to.hex
        blob = Blob(f"{room}/{name[:2]}/{name}", draft.sha256, draft.size, draft.bound_to, draft.prefix)
        with _in_our_words():
            if self._folder:
                _place(self._folder / blob.key, draft.stored())
            else:
                obstore.put(self._store, blob.key, draft.stored(), chunk_size=PART, max_concurrency=1)
        wrapped = self.keyring.wrap(draft.key, bound_to=draft.bound_to.bytes)
        return replace(blob, wrapped_key=wrapped, key_id=self.keyring.current)

    def put(self, content: BinaryIO, *, room: str) -> Blob:
        """Store what `content` yields from its start."""
        content.seek(0)
        with self.draft() as draft:
            while piece := content.read(PIECE):
                draft.write(piece)
            return self.keep(draft, room=room)

    def read(self, blob: Blob, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The content from `start` to before `stop`, piece by piece; only the segments they are in are fetched.

        Raises `FileNotFoundError`, and `Unreadable` where the bytes are not those that were stored.
        """
        stop = blob.size if stop is None else stop
        if blob.wrapped_key is None:
            yield from self._stored(blob.key, start, stop)
            return
        key = self.keyring.unwrap(blob.wrapped_key, key_id=blob.key_id, bound_to=blob.bound_to.bytes)
        segments = Segments(key, blob.prefix, blob.bound_to)
        first, past = start // SEGMENT, -(-max(stop, start + 1) // SEGMENT)
        sealed = self._stored(blob.key, first * SEALED, past * SEALED)
        yield from opened(segments, sealed, size=blob.size, start=start, stop=stop)

    def get(self, key: str) -> bytes:
        """The bytes as they are stored. Raises `FileNotFoundError`."""
        with _in_our_words():
            return bytes(obstore.get(self._store, key).bytes())

    def delete(self, key: str) -> None:
        """What is not there is deleted already."""
        with _in_our_words(), suppress(FileNotFoundError):
            obstore.delete(self._store, key)

    def keys(self) -> list[str]:
        return sorted(key for key, _ in self.listing())

    def listing(self) -> Iterator[tuple[str, datetime]]:
        """Every name in the store, and when it was stored."""
        with _in_our_words():
            for page in obstore.list(self._store):
                yield from ((meta["path"], meta["last_modified"]) for meta in page)

    def _stored(self, key: str, start: int, stop: int) -> Iterator[bytes]:
        with _in_our_words():
            if self._folder:
                yield from _part(self._folder / key, start, stop)
            else:
                found = obstore.get(self._store, key, options={"range": (start, stop)} if stop > start else {})
                for piece in found.stream(min_chunk_size=SEALED):
                    yield bytes(piece)


def _part(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        while piece := file.read(min(SEALED, stop - file.tell())):
            yield piece


def _place(target: Path, content: FileIO) -> None:
    """On the disk, whole and under its name, or not there at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.fsync(content.fileno())
    try:
        os.link(
            f"/proc/self/fd/{content.fileno()}", target, src_dir_fd=0
        )  # with a folder it follows to the file itself
    except OSError:  # it is on another disk, or in another way not to be named
        _write(target, content)
    for folder in (target.parent, target.parent.parent):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _write(target: Path, content: FileIO) -> None:
    """A torn one left by a dead process is swept."""
    number, part = tempfile.mkstemp(dir=target.parent, prefix="part-")
    try:
        with open(number, "wb") as file:
            while piece := content.read(PIECE):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise
