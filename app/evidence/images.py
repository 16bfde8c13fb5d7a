"""Photographs without what they tell of where, when and on what they were taken, and without anything else hidden in them.

They are stripped while they arrive. Nothing is decoded and no quality lost: the parts that make the picture are copied,
everything else is left behind, and so is whatever follows the picture's end. How the picture is to be turned stays.
"""

import re
import struct
import zlib
from collections.abc import Callable, Generator, Iterator
from typing import Final

from app.evidence.unfit import BROKEN, UnfitFile

MOST_PIXELS: Final = 120_000_000  # today's largest telephone cameras take 108 million
_FLOOD: Final = "The selected picture has too many pixels. Save it smaller and upload it again"

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_TABLES: Final = frozenset({0xC4, 0xCC, 0xDB, 0xDC, 0xDD})
_LEFT_OUT: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
_SCANS: Final = 100  # a progressive picture has about ten
_NEXT_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.S)

_KEPT_CHUNKS: Final = frozenset({b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"})
_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


Parts = Generator[bytes, None, None]
"""What is kept of a picture, part by part; an empty part asks for more of the picture to arrive."""


class Arriving:
    """The bytes of a picture that have arrived and have not been looked at yet."""

    def __init__(self) -> None:
        self._waiting, self._ended = bytearray(), False

    def add(self, content: bytes) -> None:
        self._waiting += content

    def end(self) -> None:
        self._ended = True

    def exactly(self, size: int) -> Generator[bytes, None, bytes]:
        """Raises `UnfitFile` when it ends before."""
        while len(self._waiting) < size:
            if self._ended:
                raise UnfitFile(BROKEN)
            yield b""
        return self.taken(size)

    def some(self, *, least: int = 1) -> Generator[bytes, None, bytearray]:
        """All that is there, to be looked at and then `taken`. Raises `UnfitFile` when it ends before there is enough."""
        while len(self._waiting) < least:
            if self._ended:
                raise UnfitFile(BROKEN)
            yield b""
        return self._waiting

    def taken(self, size: int) -> bytes:
        with memoryview(self._waiting) as waiting:
            content = bytes(waiting[:size])
        del self._waiting[:size]
        return content


class Kept:
    """What is to be kept of a file, told while it arrives: all of it."""

    def feed(self, content: bytes) -> Iterator[bytes]:
        yield content

    def end(self) -> Iterator[bytes]:
        yield from ()


class Stripped(Kept):
    """Of a picture, what makes the picture."""

    def __init__(self, kept: Callable[[Arriving], Parts]) -> None:
        self._source, self._done = Arriving(), False
        self._parts = kept(self._source)

    def feed(self, content: bytes) -> Iterator[bytes]:
        """What is to be kept so far. Raises `UnfitFile`."""
        if not self._done:
            self._source.add(content)
            yield from self._so_far()

    def end(self) -> Iterator[bytes]:
        """The rest. Raises `UnfitFile` when the picture's own end has not been seen."""
        self._source.end()
        return self._so_far()

    def _so_far(self) -> Iterator[bytes]:
        for part in self._parts:
            if not part:
                return
            yield part
        self._done = True


def jpeg_parts(source: Arriving) -> Parts:
    """What is kept of a JPG. Raises `UnfitFile`."""
    yield (yield from source.exactly(2))
    turned, header, frames, scans = 1, True, 0, 0
    while (code := (yield from _marker(source))) != 0xD9:
        length = int.from_bytes((yield from source.exactly(2)))
        if length < 2:
            raise UnfitFile(BROKEN)
        body = yield from source.exactly(length - 2)
        if code in _LEFT_OUT:
            if code == 0xE1 and body.startswith(b"Exif\0\0"):
                turned = orientation(body[6:])
            elif code == 0xE0 and body.startswith(b"JFIF\0") and len(body) >= 14:  # without its small picture
                yield _segment(0xE0, body[:12] + b"\0\0")
            elif code == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:  # how its colours are to be read
                yield _segment(0xEE, body[:12])
            continue
        if header and turned != 1:
            yield _segment(0xE1, b"Exif\0\0" + _exif(turned))
        header = False
        if code in _FRAMES:
            frames += 1
            _refuse_flood(*reversed(struct.unpack(">HH", body[1:5]) if len(body) >= 5 else (0, 0)))
        elif code == 0xDA and frames == 1 and scans < _SCANS:
            scans += 1
        elif code not in _TABLES:
            raise UnfitFile(BROKEN)
        yield _segment(code, body)
        if code == 0xDA:
            yield from _scan(source)
    if frames != 1 or scans == 0:
        raise UnfitFile(BROKEN)
    yield b"\xff\xd9"


def _marker(source: Arriving) -> Generator[bytes, None, int]:
    if (yield from source.exactly(1)) != b"\xff":
        raise UnfitFile(BROKEN)
    while (code := (yield from source.exactly(1))[0]) == 0xFF:  # padding
        pass
    return code


def _segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2) + body


def _scan(source: Arriving) -> Parts:
    """The picture's own data, up to the marker after it, at which the source is left."""
    while True:
        waiting = yield from source.some(least=2)
        if found := _NEXT_MARKER.search(waiting):
            end = found.start()
            del found  # it holds on to the bytes
            if end:
                yield source.taken(end)
            return
        yield source.taken(len(waiting) - (waiting[-1] == 0xFF))  # a marker may stand across two pieces


def png_parts(source: Arriving) -> Parts:
    """What is kept of a PNG. Raises `UnfitFile`."""
    yield (yield from source.exactly(8))
    if (yield from _chunk_head(source)) != (b"IHDR", 13):
        raise UnfitFile(BROKEN)
    head = yield from _chunk_body(source, b"IHDR", 13)
    width, height, depth, colours = struct.unpack(">IIBB", head[:10])
    if depth not in _DEPTHS.get(colours, ()) or head[10:12] != b"\0\0" or head[12] > 1:
        raise UnfitFile(BROKEN)
    _refuse_flood(width, height)
    yield _chunk(b"IHDR", head)
    pictures = 0
    while (found := (yield from _chunk_head(source))) != (b"IEND", 0):
        name, length = found
        if name == b"IDAT":
            pictures += length
            yield from _long_chunk(source, name, length)
            continue
        if length > 1 << 20 or name == b"IEND":
            raise UnfitFile(BROKEN)
        body = yield from _chunk_body(source, name, length)
        if name in _KEPT_CHUNKS:
            yield _chunk(name, body)
        elif name == b"eXIf":
            if (turned := orientation(body)) != 1:
                yield _chunk(name, _exif(turned))
        elif name[0] & 0x20 == 0:  # one without which the picture cannot be understood
            raise UnfitFile(BROKEN)
    if not pictures or (yield from _chunk_body(source, *found)):
        raise UnfitFile(BROKEN)
    yield _chunk(b"IEND", b"")


def _chunk_head(source: Arriving) -> Generator[bytes, None, tuple[bytes, int]]:
    length, name = struct.unpack(">I4s", (yield from source.exactly(8)))
    return name, length


def _chunk_body(source: Arriving, name: bytes, length: int) -> Generator[bytes, None, bytes]:
    body = yield from source.exactly(length)
    if int.from_bytes((yield from source.exactly(4))) != zlib.crc32(body, zlib.crc32(name)):
        raise UnfitFile(BROKEN)
    return body


def _long_chunk(source: Arriving, name: bytes, length: int) -> Parts:
    yield length.to_bytes(4) + name
    total, left = zlib.crc32(name), length
    while left:
        waiting = yield from source.some()
        piece = source.taken(min(left, len(waiting)))
        total, left = zlib.crc32(piece, total), left - len(piece)
        yield piece
    if int.from_bytes((yield from source.exactly(4))) != total:
        raise UnfitFile(BROKEN)
    yield total.to_bytes(4)


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def _refuse_flood(width: int, height: int) -> None:
    if not width or not height:
        raise UnfitFile(BROKEN)
    if width * height > MOST_PIXELS:
        raise UnfitFile(_FLOOD)


def orientation(exif: bytes) -> int:
    """How the picture is to be turned, 1 to 8, by the first directory of its Exif data; 1 where that says nothing sensible."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None or len(exif) < 8:
        return 1
    (directory,) = struct.unpack_from(f"{order}I", exif, 4)
    if directory + 2 > len(exif):
        return 1
    (entries,) = struct.unpack_from(f"{order}H", exif, directory)
    for entry in range(directory + 2, min(directory + 2 + 12 * entries, len(exif) - 11), 12):
        tag, kind, many, value = struct.unpack_from(f"{order}HHIH", exif, entry)
        if (tag, kind, many) == (0x0112, 3, 1) and 1 <= value <= 8:
            return int(value)
    return 1


def _exif(turned: int) -> bytes:
    """Exif data that says this and nothing else."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, turned, 0, 0)
