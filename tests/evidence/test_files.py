"""The content decides what a file is; a name or a claim decides nothing."""

import io

import pytest

from app.evidence.files import UnfitFile, inspect
from app.evidence.rules import MOST_BYTES
from app.evidence.scanning import EICAR
from tests.evidence import files

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.row("3.3")
@pytest.mark.parametrize(
    ("name", "content", "media_type", "kept"),
    [
        ("certificate.pdf", files.pdf(), "application/pdf", "certificate.pdf"),
        ("photo.jpeg", files.JPEG, "image/jpeg", "photo.jpg"),
        ("scan.png", files.PNG, "image/png", "scan.png"),
        ("policy.docx", files.docx(), WORD, "policy.docx"),
        ("policy.odt", files.odt(), "application/vnd.oasis.opendocument.text", "policy.odt"),
        ("photo of certificate.pdf", files.PNG, "image/png", "photo of certificate.png"),
        ("../../etc/passwd.pdf", files.pdf(), "application/pdf", "passwd.pdf"),
        ('C:\\docs\\a"b\r\nc.pdf', files.pdf(), "application/pdf", "a_b__c.pdf"),
        ("..", files.pdf(), "application/pdf", "document.pdf"),
        ("", files.pdf(), "application/pdf", "document.pdf"),
        ("Ærø ñ.pdf", files.pdf(), "application/pdf", "Ærø ñ.pdf"),
    ],
)
def test_fit_files(name: str, content: bytes, media_type: str, kept: str) -> None:
    stream = io.BytesIO(content)
    fit = inspect(stream, name)
    assert (fit.media_type, fit.file_name) == (media_type, kept)
    assert stream.tell() == 0


@pytest.mark.row("3.3")
@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.pdf", b"", "empty"),
        ("page.pdf", files.HTML, "must be a PDF"),
        ("setup.pdf", files.EXE, "must be a PDF"),
        ("eicar.pdf", EICAR, "must be a PDF"),
        ("locked.pdf", files.pdf(password="secret"), "password"),
        ("half-locked.pdf", files.pdf(password=""), "password"),
        ("broken.pdf", files.pdf()[:-200], "damaged"),
        ("almost.pdf", b"%PDF-1.7 and then nothing", "damaged"),
        ("miscounted.pdf", files.pdf_of_miscounted_pages(), "damaged"),
        ("torn.odt", files.torn_odt(), "damaged"),
        ("short.odt", files.short_odt(), "damaged"),
        ("archive.docx", files.parcel(hello=b"world"), "must be a PDF"),
        ("broken.docx", files.docx()[:-30], "damaged"),
        ("macro.docx", files.docx(**{"word/vbaProject.bin": b"x"}), "macros"),
        ("huge.pdf", b"%PDF-" + bytes(MOST_BYTES), "smaller than 20 MB"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_unfit_files(name: str, content: bytes, words: str) -> None:
    with pytest.raises(UnfitFile, match=words):
        inspect(io.BytesIO(content), name)
