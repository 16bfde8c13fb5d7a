"""A mark that names no promise proves nothing."""

from collections import defaultdict

import pytest

from tests.trace import KINDS, unknown


def test_every_mark_names_a_promise(request: pytest.FixtureRequest) -> None:
    proofs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for item in request.session.items:
        for kind, _, _ in KINDS:
            for mark in item.iter_markers(kind):
                for promised in mark.args:
                    proofs[kind, str(promised)].add(item.nodeid)
    assert unknown(proofs) == []
