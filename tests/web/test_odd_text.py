"""Text that no database keeps is dropped or refused with words, never an error of ours."""

import pytest
from starlette.datastructures import FormData

from app.web.forms import Form, parse
from app.web.pages import plain
from tests.conftest import ClientFor


class _Word(Form):
    word: str


def test_nuls_and_lone_surrogates_are_dropped() -> None:
    form = parse(_Word, FormData([("word", "a\0b\ud800c")]))
    assert form.value
    assert form.value.word == "abc"
    assert form.typed["word"].encode()


@pytest.mark.bar("S8")
@pytest.mark.parametrize("path", ["/opportunities?service=%00", "/?x=a%00b"])
def test_a_nul_in_an_address_is_refused_in_words(client_for: ClientFor, path: str) -> None:
    answer = client_for().get(path)
    assert answer.status_code == 400
    assert "cannot be read" in answer.text
    assert "content-security-policy" in answer.headers


def test_the_subject_of_a_mail_is_one_line() -> None:
    context = {"provider": "Alder\n\nBuy this", "framework": "F", "name": "Ann", "public_url": "https://portal.example"}
    subject, _ = plain("applications/waiting.txt", context)
    assert "\n" not in subject
