"""Files that mean harm, each with the words that refuse it, or with what must not be left of it once it is stored."""

import io
import json
import os
import re
import resource
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from app.evidence.files import Intake, UnfitFile
from app.evidence.inspection import INSPECTOR
from app.evidence.rules import MOST_BYTES
from app.evidence.scanning import EICAR
from tests.evidence import files

TYPE, BROKEN, LOCKED, BIG, EMPTY = "must be a PDF", "damaged", "password", "no larger than 20 MB", "is empty"
DISGUISED, FLOOD, BOMB, MACROS, PACKED = "two kinds", "too many pixels", "unfolds", "macros", "packed inside"
FETCHES, SCRIPT, STARTS, SENDS, MEDIA = "fetches", "holds a script", "start a program", "can send", "sound, film"
FORM, CROWDED = "special program", "too complicated"
CANARY = b"<script>steal()</script>"


@dataclass(frozen=True)
class Hostile:
    """`words` refuse it; where there are none it is taken, and `gone` may not be left in what is stored.

    What is large is `made` when it is asked for, since every process wants all of their names.
    """

    name: str
    made: bytes | Callable[[], bytes]
    words: str = ""
    gone: bytes = CANARY
    file_name: str = "certificate.pdf"

    @property
    def content(self) -> bytes:
        return self.made if isinstance(self.made, bytes) else self.made()


def hostile() -> list[Hostile]:
    found = [*_other_types(), *_sizes(), *_papers(), *_active_papers(), *_pictures(), *_parcels(), *_names()]
    assert len({one.name for one in found}) == len(found)
    return found


def _other_types() -> Iterator[Hostile]:
    starts = {
        "HTML": files.HTML,
        "HTML after a byte-order mark": b"\xef\xbb\xbf" + files.HTML,
        "HTML in UTF-16": files.HTML.decode().encode("utf-16"),
        "SVG with a script": b'<svg xmlns="http://www.w3.org/2000/svg">' + CANARY + b"</svg>",
        "SVG after an XML declaration": b'<?xml version="1.0"?><svg onload="steal()"/>',
        "SVG squeezed": zlib.compress(b"<svg onload='steal()'/>", wbits=31),
        "JavaScript": b"fetch('/bids').then(steal)",
        "a program for Windows": files.EXE,
        "a program for Linux": b"\x7fELF\x02\x01\x01" + bytes(60),
        "a program for macOS": b"\xcf\xfa\xed\xfe" + bytes(60),
        "a shell script": b"#!/bin/sh\nrm -rf /\n",
        "PHP": b"<?php system($_GET['c']);",
        "PowerShell": b"IEX (New-Object Net.WebClient)",
        "a batch file": b"@echo off\r\ndel *.*",
        "an HTML application": b"<hta:application><script language='vbscript'>",
        "the EICAR test file": EICAR,
        "the EICAR test file with spaces": EICAR + b"   \r\n",
        "an old Word file": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600),
        "rich text": rb"{\rtf1{\object\objocx}}",
        "a shortcut": bytes.fromhex("4c0000000114020000000000c000000000000046"),
        "a GIF": b"GIF89a" + CANARY,
        "a BMP": b"BM" + bytes(60),
        "a TIFF": b"II*\0" + bytes(60),
        "a WEBP": b"RIFF\x20\0\0\0WEBPVP8 " + bytes(30),
        "an AVIF": b"\0\0\0\x1cftypavif" + bytes(30),
        "a film": b"\0\0\0\x1cftypisom" + bytes(30),
        "a sound": b"ID3\x04" + bytes(60),
        "a font": b"\0\1\0\0" + bytes(60),
        "an icon": b"\0\0\1\0\1\0" + bytes(60),
        "PostScript": b"%!PS-Adobe-3.0\n(%pipe%id) (r) file",
        "PostScript with a PDF inside": b"%!PS\n" + files.pdf(),
        "form data": b"%FDF-1.2\n1 0 obj",
        "a spreadsheet": files.parcel(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
        "slides": files.parcel(**{"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"}),
        "a book": files.parcel(mimetype=b"application/epub+zip", **{"content.opf": b"<p/>"}),
        "a Java archive": files.parcel(**{"META-INF/MANIFEST.MF": b"Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"}),
        "an archive": files.parcel(hello=b"world"),
        "an empty archive": b"PK\x05\x06" + bytes(18),
        "a 7z archive": b"7z\xbc\xaf\x27\x1c" + bytes(60),
        "a RAR archive": b"Rar!\x1a\x07\x01\0" + bytes(60),
        "a tar archive": b"passwd" + bytes(251) + b"ustar\x0000" + bytes(250),
        "a disk image": bytes(32769) + b"CD001",
        "a mail": b"From: a@example.org\r\nMIME-Version: 1.0\r\n\r\n" + CANARY,
        "a table of formulas": b"=cmd|'/c calc'!A1,2,3",
        "a certificate": b"-----BEGIN CERTIFICATE-----\n",
        "a database": b"SQLite format 3\0" + bytes(100),
        "web assembly": b"\0asm\1\0\0\0",
        "nothing but noughts": bytes(5_000),
        "a PDF after a line of junk": b"junk\n" + files.pdf(),
        "a PDF inside HTML": files.HTML + files.pdf(),
        "a PDF after a blank": b" " + files.pdf(),
        "a JPEG's first two bytes": b"\xff\xd8",
        "a PNG with a wrong first line": b"\x89PNG\n\n\x1a\n" + files.PNG[8:],
    }
    yield from (Hostile(f"{name}, called .pdf", content, TYPE) for name, content in starts.items())
    photo = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(60)
    yield Hostile("a HEIC photograph", photo, "is a HEIC photograph", file_name="IMG_0001.HEIC")
    yield Hostile("a HEIF photograph called .jpg", photo.replace(b"ftypheic", b"ftypmif1"), "is a HEIC photograph")


def _sizes() -> Iterator[Hostile]:
    yield Hostile("0 bytes", b"", EMPTY)
    yield Hostile("1 byte", b"%", TYPE)
    for kind, start in {"PDF": files.pdf(), "PNG": files.PNG, "JPEG": files.JPEG, "DOCX": files.docx()}.items():
        yield Hostile(f"a {kind} of 20 MB and 1 byte", start + bytes(MOST_BYTES + 1 - len(start)), BIG)


def paper(change: Callable[[pikepdf.Pdf], Any] = lambda made: None, **how: Any) -> bytes:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page()
    change(made)
    made.save(out, **how)
    return out.getvalue()


def _papers() -> Iterator[Hostile]:
    whole = files.pdf(b"content " * 100)
    for cut in (9, 20, 100, len(whole) // 3, len(whole) // 2, len(whole) - 200, len(whole) - 30, len(whole) - 8):
        yield Hostile(f"a PDF cut off after {cut} bytes", whole[:cut], BROKEN)
    for name, tail in {
        "HTML": files.HTML,
        "a program": files.EXE,
        "an archive": files.parcel(hello=b"world"),
        "a Word file": files.docx(),
        "the EICAR test file": EICAR,
        "a script": b"\n*/alert(1)//",
    }.items():
        yield Hostile(f"a PDF with {name} behind its end", whole + tail, DISGUISED)
    for mark in (b"<script>", b"<html>", b"<svg>", b"<!DOCTYPE html>", b"<?php "):
        content = whole.replace(b"\n", b"\n%" + mark + b"\n", 1)
        yield Hostile(f"a PDF with {mark.decode()} in its second line", content, DISGUISED)
    yield Hostile("a PDF whose first line goes on", whole.replace(b"%PDF-1.", b"%PDF-1.7/*", 1), BROKEN)
    yield Hostile("a PDF of no version", b"%PDF-X" + whole[6:], BROKEN)
    yield Hostile("a PDF locked for readers", files.pdf(password="secret"), LOCKED)
    yield Hostile("a PDF locked for owners", files.pdf(password=""), LOCKED)
    yield Hostile("a PDF without pages", paper(lambda made: made.pages.__delitem__(0)), BROKEN)
    yield Hostile("a PDF of miscounted pages", files.pdf_of_miscounted_pages(), BROKEN)
    yield Hostile("a PDF whose table points nowhere", whole.replace(b"startxref\n", b"startxref\n9"), BROKEN)
    loop = paper(lambda made: made.Root.Pages.Kids.append(made.Root.Pages))
    yield Hostile("a PDF whose pages hold themselves", loop, BROKEN)
    yield Hostile(
        "a PDF nested a thousand deep",
        whole.replace(b"/Pages", b"/A " + b"[" * 1000 + b"]" * 1000 + b"/Pages", 1),
        BROKEN,
    )
    crowd = partial(paper, lambda made: made.Root.__setitem__("/Crowd", Array([Dictionary(A=1)] * 250_000)))
    yield Hostile("a PDF of a quarter of a million things", crowd, CROWDED)
    words = partial(paper, lambda made: [_hang(made, b"", Long=String("x" * 700_000)) for _ in range(20)] and None)
    yield Hostile("a PDF of endless words", words, CROWDED)
    yield Hostile("a PDF bomb in a list of objects", _folded_bomb, BROKEN)


def _folded_bomb() -> bytes:
    """Sixty megabytes of blanks, folded a thousandfold, where a reader must unfold them to find its first object."""
    objects = b"1 0 <</Type/Catalog/Pages 2 0 R>>"
    folded = zlib.compress(objects[:4] + objects[4:] + b" " * (60 << 20), 9)
    out = bytearray(b"%PDF-1.5\n")
    places = {}
    for number, body in {
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        4: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (len(folded), folded),
    }.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    places[5] = len(out)
    rows = [(0, 0, 255), (2, 4, 0), *((1, places[n], 0) for n in (2, 3, 4, 5))]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    out += b"5 0 obj\n<</Type/XRef/Size 6/W[1 4 1]/Root 1 0 R/Length %d>>stream\n%s\nendstream\nendobj\n" % (
        len(table),
        table,
    )
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % places[5])


_JS = {"S": Name.JavaScript, "JS": String("app.alert(1)")}


def _annotation(**more: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        made.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], **more)])

    return change


def _root(**more: Any) -> Callable[[pikepdf.Pdf], None]:
    def change(made: pikepdf.Pdf) -> None:
        for key, value in more.items():
            made.Root[f"/{key}"] = value(made) if callable(value) else value

    return change


def _hang(made: pikepdf.Pdf, content: bytes, **more: Any) -> None:
    made.Root[f"/X{len(made.objects)}"] = made.make_stream(content, **more)


def _attached(made: pikepdf.Pdf) -> None:
    made.attachments["x.exe"] = b"MZ"


def _elsewhere(made: pikepdf.Pdf) -> None:
    made.pages[0].Contents = made.make_stream(b"")
    made.pages[0].Contents.stream_dict["/F"] = String("//example.org/x")


def _active_papers() -> Iterator[Hostile]:
    scripts: dict[str, Callable[[pikepdf.Pdf], None]] = {
        "as it opens": _root(OpenAction=Dictionary(**_JS)),
        "as it opens, in an object of its own": _root(OpenAction=lambda made: made.make_indirect(Dictionary(**_JS))),
        "in a stream": _root(
            OpenAction=lambda made: Dictionary(S=Name.JavaScript, JS=made.make_stream(b"app.alert(1)"))
        ),
        "as it closes": _root(AA=Dictionary(WC=Dictionary(**_JS))),
        "by name": _root(Names=Dictionary(JavaScript=Dictionary(Names=[String("a"), Dictionary(**_JS)]))),
        "in a link": _annotation(A=Dictionary(**_JS)),
        "in what follows a link": _annotation(
            A=Dictionary(S=Name.GoTo, Next=[Dictionary(S=Name.URI), Dictionary(**_JS)])
        ),
        "under the pointer": _annotation(AA=Dictionary(E=Dictionary(**_JS))),
        "in a form": _root(AcroForm=Dictionary(Fields=[Dictionary(FT=Name.Tx, AA=Dictionary(K=Dictionary(**_JS)))])),
        "in a bookmark": _root(Outlines=Dictionary(First=Dictionary(Title=String("a"), A=Dictionary(**_JS)))),
        "without its kind": _root(Elsewhere=Dictionary(JS=String("app.alert(1)"))),
        "deep in lists": _root(Elsewhere=Array([Array([Array([Dictionary(**_JS)])])])),
        "in a picture's dictionary": lambda made: made.Root.__setitem__(
            "/X", made.make_stream(b"", Extra=Dictionary(**_JS))
        ),
    }
    for name, change in scripts.items():
        yield Hostile(f"a PDF with a script {name}", paper(change), SCRIPT)
        packed = paper(change, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        yield Hostile(f"a PDF with a script {name}, folded away", packed, SCRIPT)
    spelt = paper(_root(OpenAction=Dictionary(**_JS)), static_id=True).replace(b"/JavaScript", b"/J#61v#61Script")
    yield Hostile("a PDF with a script spelt in numbers", _indexed(spelt.replace(b"/JS", b"/#4aS")), SCRIPT)
    others: dict[str, tuple[str, Callable[[pikepdf.Pdf], None]]] = {
        "that starts a program": (STARTS, _annotation(A=Dictionary(S=Name.Launch, F=String("cmd.exe")))),
        "that starts a program as it opens": (STARTS, _root(OpenAction=Dictionary(S=Name.Launch, F=String("cmd.exe")))),
        "that opens another file": (STARTS, _annotation(A=Dictionary(S=Name.GoToR, F=String("//example.org/x.pdf")))),
        "that opens a file inside it": (STARTS, _annotation(A=Dictionary(S=Name.GoToE))),
        "whose page is elsewhere": (STARTS, _elsewhere),
        "that sends a form": (SENDS, _annotation(A=Dictionary(S=Name.SubmitForm, F=String("https://example.org")))),
        "that fetches a form": (SENDS, _annotation(A=Dictionary(S=Name.ImportData, F=String("x.fdf")))),
        "with a program packed inside": (PACKED, _attached),
        "with a file pinned to a page": (PACKED, _annotation(FS=Dictionary(Type=Name.Filespec, EF=Dictionary()))),
        "with a pin": (PACKED, lambda made: _pin(made, Name.FileAttachment)),
        "with associated files": (PACKED, _root(AF=Array([Dictionary(EF=Dictionary(F=Dictionary()))]))),
        "with an embedded stream": (
            PACKED,
            lambda made: made.Root.__setitem__("/X", made.make_stream(b"MZ", Type=Name.EmbeddedFile)),
        ),
        "that plays a film": (MEDIA, _annotation(A=Dictionary(S=Name.Rendition))),
        "that plays an old film": (MEDIA, _annotation(A=Dictionary(S=Name.Movie))),
        "that plays a sound": (MEDIA, _annotation(A=Dictionary(S=Name.Sound))),
        "with rich media": (MEDIA, lambda made: _pin(made, Name.RichMedia)),
        "with a model": (MEDIA, lambda made: _pin(made, Name("/3D"))),
        "with a film pinned to a page": (MEDIA, lambda made: _pin(made, Name.Movie)),
        "that is an XFA form": (FORM, _root(AcroForm=Dictionary(XFA=String("<xdp:xdp/>")))),
    }
    for name, (words, change) in others.items():
        yield Hostile(f"a PDF {name}", paper(change), words)


def _pin(made: pikepdf.Pdf, kind: Name) -> None:
    made.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=kind, Rect=[0, 0, 9, 9])])


def _indexed(content: bytes) -> bytes:
    """The same with a table of where its objects stand now."""
    body = content[: content.index(b"xref\n")]
    places = {int(m[1]): m.start() for m in re.finditer(rb"(?m)^(\d+) 0 obj", body)}
    rows = b"".join(b"%010d 00000 n \n" % places[n] for n in sorted(places))
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(places) + 1, rows)
    trailer = re.search(rb"trailer.*?>>", content, re.S)
    assert trailer
    return body + table + trailer[0] + b"\nstartxref\n%d\n%%%%EOF\n" % len(body)


def _pictures() -> Iterator[Hostile]:
    for width, height in ((50_000, 50_000), (2**31 - 1, 1), (1, 2**31 - 1), (12_000, 10_001), (0, 5), (5, 0)):
        words = FLOOD if width * height > 1 and width * height > 120_000_000 else BROKEN
        yield Hostile(f"a PNG of {width} × {height}", files.png(width=width, height=height), words)
    for width, height in ((65_500, 65_500), (65_535, 2_000), (0, 9), (9, 0)):
        yield Hostile(
            f"a JPEG of {width} × {height}", files.jpeg(width=width, height=height), FLOOD if width * height else BROKEN
        )
    for cut in (8, 20, 33, 40, len(files.PNG) - 20, len(files.PNG) - 12, len(files.PNG) - 1):
        yield Hostile(f"a PNG cut off after {cut} bytes", files.PNG[:cut], BROKEN)
    for cut in (3, 10, 25, 60, 120, len(files.JPEG) - 3, len(files.JPEG) - 2, len(files.JPEG) - 1):
        yield Hostile(f"a JPEG cut off after {cut} bytes", files.JPEG[:cut], BROKEN)
    flipped = bytearray(files.PNG)
    flipped[40] ^= 1
    scan = files.segment(0xDA, b"\1\1\0\0\x3f\0") + b"\x12"
    wrong = {
        "a PNG with a changed bit": bytes(flipped),
        "a PNG with an unknown part it needs": files.png(files.chunk(b"EVIL", b"x")),
        "a PNG of a depth that is none": files.PNG[:24] + b"\3" + files.PNG[25:],
        "a PNG without a picture": files.PNG[:33] + files.chunk(b"IEND", b""),
        "a PNG that begins with its picture": files.PNG[:8] + files.PNG[33:],
        "a PNG that lies about a part's length": files.PNG[:33] + b"\x7f\xff\xff\xff" + files.PNG[37:],
        "a PNG with two megabytes of text": files.png(files.chunk(b"tEXt", bytes(2 << 20))),
        "a JPEG of two pictures": files.jpeg(files.segment(0xC0, b"\x08\0\x08\0\x08\1\1\x11\0")),
        "a JPEG without a picture": b"\xff\xd8" + files.segment(0xDB, bytes(65)) + b"\xff\xd9",
        "a JPEG of two hundred scans": files.jpeg(data=scan * 200),
        "a JPEG with a marker that is none": files.jpeg(b"\xff\x02\0\2"),
        "a JPEG with a part of no length": files.jpeg(b"\xff\xdb\0\0"),
        "a JPEG that is HTML after three bytes": b"\xff\xd8\xff" + files.HTML,
    }
    yield from (Hostile(name, content, BROKEN) for name, content in wrong.items())
    archive = files.parcel(hello=CANARY)
    place = files.exif(1, place=CANARY)
    taken = {
        "a PNG with HTML behind its end": files.png(after=CANARY),
        "a PNG with an archive behind its end": files.png(after=archive),
        "a PNG with a PDF behind its end": files.png(after=files.pdf(CANARY)),
        "a PNG with a script as its text": files.png(files.chunk(b"tEXt", b"Comment\0" + CANARY)),
        "a PNG with a script as folded text": files.png(files.chunk(b"zTXt", b"Comment\0\0" + CANARY)),
        "a PNG with a script as described": files.png(files.chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + CANARY)),
        "a PNG with a script as its colours": files.png(files.chunk(b"iCCP", b"x\0\0" + CANARY)),
        "a PNG with a script in a part of its own": files.png(files.chunk(b"evIl", CANARY)),
        "a PNG that says where it was taken": files.png(files.chunk(b"eXIf", place)),
        "a PNG that moves": files.png(files.chunk(b"acTL", bytes(8)), files.chunk(b"fdAT", CANARY)),
        "a JPEG with HTML behind its end": files.jpeg(after=CANARY),
        "a JPEG with an archive behind its end": files.jpeg(after=archive),
        "a JPEG with a PDF behind its end": files.jpeg(after=files.pdf(CANARY)),
        "a JPEG with a program behind its end": files.jpeg(after=files.EXE + CANARY),
        "a JPEG with a film behind its end": files.jpeg(after=b"\0\0\0\x18ftypmp42" + CANARY),
        "a JPEG with a script as its comment": files.jpeg(files.segment(0xFE, CANARY)),
        "a JPEG with PHP as its comment": files.jpeg(files.segment(0xFE, b"<?php " + CANARY)),
        "a JPEG that is JavaScript, too": files.jpeg(files.segment(0xE0, b"/*" + CANARY + b"*/=1;alert(1)/*")),
        "a JPEG with a script in every place for it": files.jpeg(
            *(files.segment(n, CANARY) for n in range(0xE0, 0xF0))
        ),
        "a JPEG that says where it was taken": files.jpeg(files.segment(0xE1, b"Exif\0\0" + place)),
        "a JPEG with a description": files.jpeg(files.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + CANARY)),
        "a JPEG with a smaller picture in it": files.jpeg(files.segment(0xE2, b"MPF\0" + CANARY)),
        "a JPEG with Photoshop's notes": files.jpeg(files.segment(0xED, b"Photoshop 3.0\0" + CANARY)),
    }
    yield from (Hostile(name, content) for name, content in taken.items())
    virus = files.jpeg(files.segment(0xFE, EICAR))
    yield Hostile("a JPEG with the EICAR test file as its comment", virus, gone=EICAR)


def _raw(*entries: tuple[str, bytes, dict[str, Any]], comment: bytes = b"") -> bytes:
    """A parcel of a Word file and more, each member with attributes of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", files.WORD_TYPES)
        made.writestr("word/document.xml", b"<w:document/>")
        for name, content, more in entries:
            member = zipfile.ZipInfo(name)
            member.compress_type = zipfile.ZIP_DEFLATED
            for attribute, value in more.items():
                setattr(member, attribute, value)
            made.writestr(member, content)
        made.comment = comment
    return out.getvalue()


def _overlapped() -> bytes:
    """Two names for one member's bytes."""
    whole = bytearray(files.docx(a=b"x" * 50, b=b"y" * 50))
    first = whole.find(b"PK\1\2", whole.find(b"PK\1\2") + 1)
    second = whole.find(b"PK\1\2", first + 1)
    whole[second + 42 : second + 46] = whole[first + 42 : first + 46]
    return bytes(whole)


def _lying() -> bytes:
    """A member that says it is short and is long."""
    whole = bytearray(_raw(("word/long.xml", b" " * 100_000, {})))
    entry = whole.rfind(b"PK\1\2")
    whole[entry + 24 : entry + 28] = (10).to_bytes(4, "little")
    return bytes(whole)


def _relation(kind: str, target: str) -> bytes:
    words = f'<Relationship Id="r1" Type="http://example.org/{kind}" Target="{target}" TargetMode="External"/>'
    return files.docx(**{"word/_rels/document.xml.rels": f"<Relationships>{words}</Relationships>".encode()})


def _parcels() -> Iterator[Hostile]:
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    laughs = b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "' + b"&b;" * 50 + b'">]><a>&c;</a>'
    docm = files.WORD_TYPES.replace(
        b"openxmlformats-officedocument.wordprocessingml.document", b"ms-word.document.macroEnabled"
    )
    dotx = files.WORD_TYPES.replace(b"document.main+xml", b"template.main+xml")
    word, odt = files.docx, files.odt_with
    refused = {
        "a Word file with macros": (MACROS, word(**{"word/vbaProject.bin": b"x"})),
        "a Word file with macros in another place": (MACROS, word(**{"evil/vbaproject.BIN": b"x"})),
        "a Word file with macros' data": (MACROS, word(**{"word/vbaData.xml": b"<x/>"})),
        "a macro file called .docx": (MACROS, word(**{"[Content_Types].xml": docm})),
        "a template called .docx": (TYPE, word(**{"[Content_Types].xml": dotx})),
        "a Word file of no type": (TYPE, word(**{"[Content_Types].xml": b"<Types/>"})),
        "a Word file with controls": (MACROS, word(**{"word/activeX/activeX1.bin": b"x"})),
        "a Word file that asks a program for data": (
            MACROS,
            word(**{"word/document.xml": b"<w:instr>DDEAUTO c:\\cmd"}),
        ),
        "a Word file with an object": (PACKED, word(**{"word/embeddings/oleObject1.bin": b"x"})),
        "a Word file with a program": (PACKED, word(**{"word/media/run.exe": b"MZ"})),
        "a Word file with a program called .png": (PACKED, word(**{"word/media/image1.png": files.EXE})),
        "a Word file with an archive": (PACKED, word(**{"word/media/image1.png": files.parcel(a=b"b")})),
        "a Word file with an old Word file": (PACKED, word(**{"word/media/a.bin": bytes.fromhex("d0cf11e0a1b11ae1")})),
        "a Word file with a script": (PACKED, word(**{"word/a.js": b"alert(1)"})),
        "a Word file with an outside entity": (BROKEN, word(**{"word/document.xml": entity})),
        "a Word file with an outside entity in UTF-16": (
            BROKEN,
            word(**{"word/document.xml": entity.decode().encode("utf-16")}),
        ),
        "a Word file with an outside entity late": (BROKEN, word(**{"word/styles.xml": b" " * 65_530 + entity})),
        "a Word file of a billion laughs": (BROKEN, word(**{"docProps/app.xml": laughs})),
        "a Word file with a template elsewhere": (FETCHES, _relation("attachedTemplate", "https://example.org/a.dotm")),
        "a Word file with an object elsewhere": (FETCHES, _relation("oleObject", "https://example.org/a")),
        "a Word file with a frame elsewhere": (FETCHES, _relation("frame", "mhtml:https://example.org")),
        "a Word file with a picture elsewhere": (FETCHES, _relation("image", "file://example.org/a.png")),
        "a Word file that climbs out": (BROKEN, word(**{"../../etc/passwd": b"x"})),
        "a Word file that climbs out by backslashes": (BROKEN, _raw(("..\\..\\evil", b"x", {}))),
        "a Word file from the root": (BROKEN, word(**{"/etc/passwd": b"x"})),
        "a Word file on a drive": (BROKEN, word(**{"C:evil": b"x"})),
        "a Word file with a symbolic link": (BROKEN, _raw(("link", b"/etc/passwd", {"external_attr": 0xA1FF0000}))),
        "a Word file of ten thousand members": (BOMB, partial(word, **{f"word/{n}.txt": b"" for n in range(10_000)})),
        "a Word file that unfolds a thousandfold": (
            BOMB,
            partial(_raw, *((f"word/{n}.bin", bytes(30 << 20), {}) for n in range(5))),
        ),
        "a Word file of one endless page": (BOMB, partial(_raw, ("word/a.xml", b" " * (31 << 20), {}))),
        "a Word file with two members in one": (BROKEN, _overlapped()),
        "a Word file that lies about a length": (BROKEN, _lying()),
        "a Word file that is HTML behind its end": (DISGUISED, _raw(comment=files.HTML)),
        "a Word file that is a PDF, too": (
            DISGUISED,
            files.parcel(**{"%PDF-1.7": files.pdf(), "word/document.xml": b""}),
        ),
        "a Word file under a password": (LOCKED, files.locked_docx()),
        "an ODT with macros": (MACROS, odt(**{"Basic/Standard/Module1.xml": b"<x/>"})),
        "an ODT with scripts": (MACROS, odt(**{"Scripts/python/a.py": b"x"})),
        "an ODT that listens": (MACROS, odt(**{"content.xml": b"<script:event-listener/>"})),
        "an ODT with an object": (PACKED, odt(**{"Object 1/content.xml": b"<x/>"})),
        "an ODT with an outside entity": (BROKEN, odt(**{"content.xml": entity})),
        "an ODT whose type cannot be unfolded": (BROKEN, files.torn_odt()),
        "an ODT whose type ends too soon": (DISGUISED, files.short_odt()),
    }
    yield from (Hostile(name, content, words) for name, (words, content) in refused.items())
    whole = files.docx()
    for cut in (4, 30, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        yield Hostile(f"a Word file cut off after {cut} bytes", whole[:cut], BROKEN)


NAMES = {
    "../../etc/passwd.pdf": "passwd.pdf",
    "..\\..\\windows\\system32\\evil.pdf": "evil.pdf",
    "/etc/cron.d/evil": "evil.pdf",
    "C:\\docs\\a.pdf": "a.pdf",
    "..": "document.pdf",
    "...": "document.pdf",
    "": "document.pdf",
    ".htaccess": "htaccess.pdf",
    "certificate.pdf.exe": "certificate.pdf.pdf",
    "certificate.exe": "certificate.pdf",
    "certificate.php;.pdf": "certificate.php_.pdf",
    "evil\u202efdp.exe": "evil_fdp.pdf",
    "a\u2066b\u2069c.pdf": "a_b_c.pdf",
    "zero\u200bwidth.pdf": "zero_width.pdf",
    "line\r\nSet-Cookie: a=b.pdf": "line__Set-Cookie_ a_b.pdf",
    'quote".pdf': "quote_.pdf",
    "nought\0.pdf": "nought_.pdf",
    "<script>alert(1)</script>.pdf": "script_.pdf",
    "a&b=c?d#e%2f.pdf": "a_b_c_d_e_2f.pdf",
    "$(reboot)`id`.pdf": "_(reboot)_id_.pdf",
    "x" * 500 + ".pdf": "x" * 120 + ".pdf",
    "\U0001f600" * 300 + ".pdf": "_" * 120 + ".pdf",
    "Ærø ñ.pdf": "Ærø ñ.pdf",
    "证书.pdf": "证书.pdf",
    "証" * 100 + ".pdf": "証" * 40 + ".pdf",
    "CON.pdf": "_CON.pdf",
    "lpt1.txt.pdf": "_lpt1.txt.pdf",
    " spaces .pdf": "spaces.pdf",
    "trailing dots...pdf": "trailing dots.pdf",
    "a:b:$DATA.pdf": "a_b__DATA.pdf",
    "=cmd|calc.pdf": "_cmd_calc.pdf",
}


def _names() -> Iterator[Hostile]:
    content = files.pdf(b"a name")
    yield from (Hostile(f"the name {name[:30]!r}", content, file_name=name) for name in NAMES)


def looked_at(one: Hostile) -> tuple[str, bytes]:
    """The words that refuse it, or what would be stored."""
    content = one.content
    with Intake() as intake:
        for begin in range(0, len(content), 1 << 16):
            intake.write(content[begin : begin + (1 << 16)])
        try:
            kept = intake.fit(one.file_name).content
        except UnfitFile as unfit:
            return str(unfit), b""
        return "", kept.read()


def main() -> int:
    """What looking at all of them took, as JSON, in a process in which `looking` has begun the inspector."""
    looked_at(Hostile("warm", files.pdf()))
    everything = [replace(one, made=one.content) for one in hostile()]
    Path("/proc/self/clear_refs").write_text("5")  # making the files weighed more than looking at them does
    before, open_before = _weight("VmHWM"), len(os.listdir("/proc/self/fd"))
    inspector = _weight("VmRSS", INSPECTOR.process_id or 0)
    took = {one.name: _seconds(one) for one in everything}
    grew, still_open = _weight("VmHWM") - before, len(os.listdir("/proc/self/fd")) - open_before
    INSPECTOR.close()
    slowest = max(took, key=took.__getitem__)
    json.dump(
        {
            "files": len(everything),
            "slowest": slowest,
            "seconds": took[slowest],
            "grew": grew,
            "child_grew": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024 - inspector,
            "open": still_open,
        },
        sys.stdout,
    )
    return 0


def _seconds(one: Hostile) -> float:
    began = time.perf_counter()
    looked_at(one)
    return time.perf_counter() - began


def _weight(what: str, process_id: int | str = "self") -> int:
    """A process's weight in megabytes: `VmRSS` now, `VmHWM` the most since it was last asked to begin anew."""
    weighed = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{process_id}/status").read_text())
    assert weighed
    return int(weighed[1]) // 1024
