"""Files encrypted in segments, so that no file is ever whole in memory and a part of one is read without the rest.

The STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, 2015) over AES-256-GCM: each segment's nonce is the file's
prefix, the segment's number and whether it is the last. A segment changed, moved, left out or cut off does not open.
"""

import errno
import hashlib
import io
import os
import struct
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Final, Self
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.core.crypto import Unreadable

SEGMENT: Final = 1 << 16
SEALED: Final = SEGMENT + 16  # with its tag
PREFIX: Final = 7
EARLY: Final = 16  # segments that a disk is asked to begin with, so that less is left when it has to have them all
HOW: Final = struct.Struct(f"<32s{PREFIX}s16sq")


class Segments:
    """One file's key at work. `bound_to` names what the file belongs to, so that it opens as nothing else."""

    def __init__(self, key: bytes, prefix: bytes, bound_to: UUID) -> None:
        self._cipher, self._prefix, self._bound_to = AESGCM(key), prefix, bound_to.bytes

    def seal(self, number: int, content: bytes | bytearray | memoryview, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(number, last), content, self._bound_to)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        """Raises `Unreadable`."""
        try:
            return self._cipher.decrypt(self._nonce(number, last), sealed, self._bound_to)
        except (InvalidTag, ValueError):
            raise Unreadable(f"segment {number} cannot be decrypted") from None

    def _nonce(self, number: int, last: bool) -> bytes:
        return self._prefix + number.to_bytes(4, "big") + bytes([last])


def count(size: int) -> int:
    """How many segments a file of this many bytes has: an empty one has one, which says that it is empty."""
    return max(1, -(-size // SEGMENT))


def opened(segments: Segments, sealed: Iterable[bytes], *, size: int, start: int, stop: int) -> Iterator[bytes]:
    """The bytes from `start` to before `stop`. `sealed` is stored bytes from the beginning of the segment `start` is in."""
    number, last = start // SEGMENT, count(size) - 1
    for piece in whole_segments(sealed):
        content = segments.open(number, piece, last=number == last)
        begins = number * SEGMENT
        yield content[max(0, start - begins) : stop - begins]
        number += 1
    if number <= max(start, stop - 1) // SEGMENT:
        raise Unreadable(f"it ends before segment {number}")


def whole_segments(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Stored bytes, however they arrive, one sealed segment at a time."""
    waiting = bytearray()
    for piece in pieces:
        if not waiting and len(piece) == SEALED:
            yield piece
            continue
        waiting += piece
        while len(waiting) >= SEALED:
            yield bytes(waiting[:SEALED])
            del waiting[:SEALED]
    if waiting:
        yield bytes(waiting)


class Opened(io.RawIOBase):
    """An encrypted file, read from anywhere as a file of its content is. Closing it leaves the descriptor open."""

    def __init__(self, segments: Segments, descriptor: int, size: int) -> None:
        self.size = size
        self._segments, self._descriptor = segments, descriptor
        self._position, self._read = 0, (-1, b"")

    @classmethod
    def told(cls, how: bytes, descriptor: int) -> Self:
        """A file of which another process told how to open it: see `Draft.how_to_open`."""
        key, prefix, bound_to, size = HOW.unpack(how)
        return cls(Segments(key, prefix, UUID(bytes=bound_to)), descriptor, size)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = max(0, {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence] + offset)
        return self._position

    def tell(self) -> int:
        return self._position

    def read(self, size: int = -1) -> bytes:
        """As many bytes as were asked for, unless it ends before: not every reader asks again."""
        left = max(0, self.size - self._position)
        stop = self._position + (left if size < 0 else min(size, left))
        pieces = []
        while self._position < stop:
            number, offset = divmod(self._position, SEGMENT)
            pieces.append(self._segment(number)[offset : offset + stop - self._position])
            self._position += len(pieces[-1])
        return b"".join(pieces)  # the piece itself, where there is one

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]
        content = self.read(len(target))
        target[: len(content)] = content
        return len(content)

    def _segment(self, number: int) -> bytes:
        """The one read last is kept: a file is mostly read on from where it was read."""
        if self._read[0] != number:
            sealed = os.pread(self._descriptor, SEALED, number * SEALED)
            self._read = (number, self._segments.open(number, sealed, last=number == count(self.size) - 1))
        return self._read[1]


class Draft(Opened):
    """A file on its way in: written once, then read from anywhere, as a file; what is on the disk is encrypted.

    It is a nameless file in `folder`, or where the machine puts temporary ones: gone when it is closed or the process ends.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.key, self.prefix, self.bound_to = AESGCM.generate_key(256), os.urandom(PREFIX), uuid4()
        self._file = _nameless(folder)
        super().__init__(Segments(self.key, self.prefix, self.bound_to), self._file.fileno(), 0)
        self._stays = folder is not None and hasattr(os, "posix_fadvise")
        self._sealed, self._waiting, self._numbered = False, bytearray(), 0
        self._plain = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """Of the content, in hexadecimal."""
        self._finish()
        return self._plain.hexdigest()

    def stored(self) -> FileIO:
        """The encrypted bytes, from their beginning."""
        self._finish()
        self._file.seek(0)
        return self._file

    def how_to_open(self) -> bytes:
        """What another process that is handed the descriptor of `stored` has to know: a secret."""
        self._finish()
        return HOW.pack(self.key, self.prefix, self.bound_to.bytes, self.size)

    def writable(self) -> bool:
        return not self._sealed

    def write(self, content: bytes) -> int:  # type: ignore[override]
        """The last segment stays in memory, full or not, until it is known to be the last."""
        if self._sealed:
            raise io.UnsupportedOperation("it is finished")
        self.size += len(content)
        self._plain.update(content)
        self._waiting += content
        whole = (len(self._waiting) - 1) // SEGMENT * SEGMENT
        if whole > 0:
            with memoryview(self._waiting) as waiting:
                for begin in range(0, whole, SEGMENT):
                    self._keep(waiting[begin : begin + SEGMENT], last=False)
            del self._waiting[:whole]
        return len(content)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._finish()
        return super().seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        self._finish()
        return super().read(size)

    def close(self) -> None:
        self._file.close()
        self._waiting.clear()
        super().close()

    def _finish(self) -> None:
        if not self._sealed and not self.closed:
            self._keep(self._waiting, last=True)
            self._waiting.clear()
            self._sealed = True

    def _keep(self, content: bytes | bytearray | memoryview, *, last: bool) -> None:
        sealed = self._segments.seal(self._numbered, content, last=last)
        if self._file.write(sealed) < len(sealed):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._numbered += 1
        if self._stays and self._numbered % EARLY == 0:
            begin = (self._numbered - EARLY) * SEALED
            os.posix_fadvise(self._descriptor, begin, EARLY * SEALED, os.POSIX_FADV_DONTNEED)


def _nameless(folder: Path | None) -> FileIO:
    """One that can be given a name later, where the system has such files and the folder's disk takes part."""
    if folder and hasattr(os, "O_TMPFILE"):
        with suppress(OSError):
            return FileIO(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o600), "r+b")
    return tempfile.TemporaryFile(buffering=0)
