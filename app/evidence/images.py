"""Photographs without what they tell of where, when and on what they were taken, and without anything else hidden in them.

Nothing is decoded and no quality lost: the parts that make the picture are copied, everything else is left behind, and so is
whatever follows the picture's end. How the picture is to be turned stays.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from app.core.segments import Draft
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


def strip_jpeg(source: Draft) -> Draft:
    """Raises `UnfitFile`."""
    return _stripped(_jpeg_parts(source))


def strip_png(source: Draft) -> Draft:
    """Raises `UnfitFile`."""
    return _stripped(_png_parts(source))


def _stripped(parts: Iterator[bytes]) -> Draft:
    target = Draft()
    try:
        for part in parts:
            target.write(part)
    except BaseException:
        target.close()
        raise
    return target


def _jpeg_parts(source: Draft) -> Iterator[bytes]:
    yield _exactly(source, 2)
    turned, header, frames, scans = 1, True, 0, 0
    while (code := _marker(source)) != 0xD9:
        length = int.from_bytes(_exactly(source, 2))
        if length < 2:
            raise UnfitFile(BROKEN)
        body = _exactly(source, length - 2)
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


def _marker(source: Draft) -> int:
    if _exactly(source, 1) != b"\xff":
        raise UnfitFile(BROKEN)
    while (code := _exactly(source, 1)[0]) == 0xFF:  # padding
        pass
    return code


def _segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2) + body


def _scan(source: Draft) -> Iterator[bytes]:
    """The picture's own data, up to the marker after it, at which the source is left."""
    while True:
        here = source.tell()
        piece = source.read(1 << 16)
        if len(piece) < 2:
            raise UnfitFile(BROKEN)
        if found := _NEXT_MARKER.search(piece):
            source.seek(here + found.start())
            yield piece[: found.start()]
            return
        kept = len(piece) - (piece[-1] == 0xFF)  # a marker may stand across two pieces
        source.seek(here + kept)
        yield piece[:kept]


def _png_parts(source: Draft) -> Iterator[bytes]:
    yield _exactly(source, 8)
    header, body = _chunk_head(source)
    if header != b"IHDR" or body != 13:
        raise UnfitFile(BROKEN)
    head = _chunk_body(source, header, body)
    width, height, depth, colours = struct.unpack(">IIBB", head[:10])
    if depth not in _DEPTHS.get(colours, ()) or head[10:12] != b"\0\0" or head[12] > 1:
        raise UnfitFile(BROKEN)
    _refuse_flood(width, height)
    yield _chunk(b"IHDR", head)
    pictures = 0
    while (found := _chunk_head(source))[0] != b"IEND":
        name, length = found
        if name == b"IDAT":
            pictures += length
            yield from _long_chunk(source, name, length)
        elif length > 1 << 20:
            raise UnfitFile(BROKEN)
        elif name == b"eXIf" and (turned := orientation(_chunk_body(source, name, length))) != 1:
            yield _chunk(name, _exif(turned))
        elif name in _KEPT_CHUNKS:
            yield _chunk(name, _chunk_body(source, name, length))
        elif name[0] & 0x20 == 0:  # one without which the picture cannot be understood
            raise UnfitFile(BROKEN)
        elif name != b"eXIf":
            _chunk_body(source, name, length)
    if not pictures or _chunk_body(source, *found):
        raise UnfitFile(BROKEN)
    yield _chunk(b"IEND", b"")


def _chunk_head(source: Draft) -> tuple[bytes, int]:
    length, name = struct.unpack(">I4s", _exactly(source, 8))
    if length > source.size:
        raise UnfitFile(BROKEN)
    return name, length


def _chunk_body(source: Draft, name: bytes, length: int) -> bytes:
    body = _exactly(source, length)
    if int.from_bytes(_exactly(source, 4)) != zlib.crc32(name + body):
        raise UnfitFile(BROKEN)
    return body


def _long_chunk(source: Draft, name: bytes, length: int) -> Iterator[bytes]:
    yield length.to_bytes(4) + name
    total = zlib.crc32(name)
    for begin in range(0, length, 1 << 16):
        piece = _exactly(source, min(1 << 16, length - begin))
        total = zlib.crc32(piece, total)
        yield piece
    if int.from_bytes(_exactly(source, 4)) != total:
        raise UnfitFile(BROKEN)
    yield total.to_bytes(4)


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)


def _exactly(source: Draft, size: int) -> bytes:
    content = source.read(size)
    if len(content) < size:
        raise UnfitFile(BROKEN)
    return content


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
