"""The content decides what a file is; a name or a claim decides nothing. What means harm is refused, or nothing of it left."""

import json
import struct
import subprocess
import sys

import pytest

from app.evidence.files import ACCEPT, Intake, UnfitFile, safe_name
from app.evidence.images import orientation
from app.evidence.rules import MOST_BYTES
from tests import ROOT
from tests.evidence import files
from tests.evidence.hostile import CANARY, NAMES, Hostile, hostile, looked_at, paper

HOSTILE = hostile()


def _fit(content: bytes, file_name: str = "a.pdf") -> str:
    """What it is taken for."""
    with Intake() as intake:
        intake.write(content)
        return intake.fit(file_name).media_type


def _kept(content: bytes) -> bytes:
    with Intake() as intake:
        intake.write(content)
        return intake.fit("a").content.read()


@pytest.mark.row("3.3")
@pytest.mark.parametrize(
    ("name", "content", "media_type", "kept"),
    [
        ("certificate.pdf", files.pdf(), "application/pdf", "certificate.pdf"),
        ("photo.jpeg", files.JPEG, "image/jpeg", "photo.jpg"),
        ("scan.png", files.PNG, "image/png", "scan.png"),
        ("policy.docx", files.docx(), files.WORD, "policy.docx"),
        ("policy.odt", files.odt(), "application/vnd.oasis.opendocument.text", "policy.odt"),
        ("photo of certificate.pdf", files.PNG, "image/png", "photo of certificate.png"),
        ("20 MB.pdf", files.pdf(bytes(MOST_BYTES - 5_000)), "application/pdf", "20 MB.pdf"),
        ("20 MB.jpg", files.jpeg(data=bytes(MOST_BYTES - 300)), "image/jpeg", "20 MB.jpg"),
    ],
)
def test_fit_files(name: str, content: bytes, media_type: str, kept: str) -> None:
    with Intake() as intake:
        intake.write(content)
        fit = intake.fit(name)
        assert (fit.media_type, fit.file_name, fit.content.read()) == (media_type, kept, content)


@pytest.mark.bar("S7")
@pytest.mark.row("3.3")
@pytest.mark.parametrize("one", HOSTILE, ids=lambda one: one.name)
def test_a_hostile_file_is_refused_by_name_or_nothing_of_it_is_left(one: Hostile) -> None:
    words, stored = looked_at(one)
    assert one.words in words
    assert bool(words) is bool(one.words), words
    assert one.gone not in stored


@pytest.mark.bar("S7")
def test_there_are_two_hundred_of_them_and_more_are_refused_than_taken() -> None:
    refused = [one for one in HOSTILE if one.words]
    assert len(HOSTILE) >= 250
    assert len(refused) >= 200


@pytest.mark.walk
@pytest.mark.bar("S7")
def test_looking_at_all_of_them_takes_little_memory_and_leaves_nothing_open() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.evidence.looking"], cwd=ROOT, capture_output=True, check=True)
    took = json.loads(done.stdout)
    print(took)
    assert took["open"] == 0
    assert took["grew"] <= 64
    assert took["child_grew"] <= 64


@pytest.mark.row("3.3")
@pytest.mark.parametrize(("name", "kept"), NAMES.items(), ids=lambda part: ascii(part)[:40])
def test_a_name_is_made_safe(name: str, kept: str) -> None:
    assert safe_name(name, "application/pdf") == kept
    assert len(kept.encode()) <= 130


@pytest.mark.row("3.3")
@pytest.mark.parametrize("turned", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photograph_keeps_how_it_is_turned_and_loses_where_it_was_taken(turned: int, order: str) -> None:
    marker = b"II*\0" if order == "<" else b"MM\0*"
    told = marker + struct.pack(f"{order}IHHHIHHI", 8, 1, 0x0112, 3, 1, turned, 0, 0) + CANARY
    from_camera = files.jpeg(files.segment(0xE1, b"Exif\0\0" + told))
    kept = _kept(from_camera)
    assert CANARY not in kept
    begin = kept.find(b"Exif\0\0")
    assert (orientation(kept[begin + 6 :]) if begin > 0 else 1) == turned
    picture = files.JPEG[files.JPEG.index(b"\xff\xdb") :]
    assert kept.endswith(picture), "the picture itself is copied as it is"
    drawn = _kept(files.png(files.chunk(b"eXIf", told)))
    begin = drawn.find(b"eXIf")
    assert CANARY not in drawn
    assert (orientation(drawn[begin + 4 :]) if begin > 0 else 1) == turned


@pytest.mark.parametrize(
    "exif", [b"", b"II*\0", b"MM\0*\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", files.exif(9), files.exif(0)]
)
def test_senseless_exif_data_turn_nothing(exif: bytes) -> None:
    assert orientation(exif) == 1


@pytest.mark.row("3.3")
def test_a_pdf_that_opens_at_a_page_or_links_to_the_web_is_fine() -> None:
    from pikepdf import Array, Dictionary, Name, String

    def change(made: object) -> None:
        page = made.pages[0]  # type: ignore[attr-defined]
        made.Root.OpenAction = Array([page.obj, Name.Fit])  # type: ignore[attr-defined]
        page.Annots = Array(
            [
                Dictionary(
                    Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=String("https://example.org"))
                )
            ]
        )

    assert _fit(paper(change)) == "application/pdf"


@pytest.mark.row("3.3")
def test_a_word_file_that_links_to_the_web_is_fine() -> None:
    link = b'<Relationship Type="http://example.org/hyperlink" Target="https://example.org" TargetMode="External"/>'
    assert _fit(files.docx(**{"word/_rels/document.xml.rels": link})) == files.WORD


@pytest.mark.row("3.3")
def test_a_heic_photograph_is_not_asked_for_and_its_refusal_says_what_to_do_on_each_machine() -> None:
    """A telephone turns its photographs into JPGs for a form that takes JPG and not HEIC."""
    assert {"image/jpeg", "image/png", ".jpg", ".jpeg", ".pdf"} <= set(ACCEPT.split(","))
    assert "hei" not in ACCEPT
    with pytest.raises(UnfitFile) as refused:
        _fit(b"\0\0\0\x18ftypheic" + bytes(60))
    assert all(machine in str(refused.value) for machine in ("iPhone", "Mac", "Windows"))
