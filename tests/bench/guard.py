"""`python -m tests.bench guard`: how much the identity guard finds of the labelled texts, and how often it asks in vain."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from app.briefs.identity import NAMES, Finding, identifying

TEXTS: Final = json.loads((Path(__file__).parents[1] / "briefs" / "identity_texts.json").read_text())
PARTS: Final = ("tuned", "held_out")
_MARK: Final = re.compile(r"\[\[(\w+)\|(.+?)\]\](?!\])")
Span = tuple[str, int, int]


@dataclass
class Figures:
    """Per kind: what was found, what was missed, what was asked in vain; and each of the two last in words."""

    found: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)
    in_vain: Counter[str] = field(default_factory=Counter)
    words: list[str] = field(default_factory=list)

    def recall(self, kind: str | None = None) -> float:
        return _share(self.found, self.missed, kind)

    def precision(self, kind: str | None = None) -> float:
        return _share(self.found, self.in_vain, kind)

    def lines(self) -> list[str]:
        rows = [
            f"{kind or 'all':14} {self.recall(kind):6.3f} {self.precision(kind):9.3f} {_count(self.found, kind):5} "
            f"{_count(self.missed, kind):6} {_count(self.in_vain, kind):7}"
            for kind in (None, *NAMES)
        ]
        return [f"{'kind':14} recall precision found missed in vain", *rows]


def unmarked(marked: str) -> tuple[str, list[Span]]:
    """The text as it would be typed, and where what gives a child away stands in it."""
    text, spans, at = "", list[Span](), 0
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        spans.append((mark[1], len(text), len(text) + len(mark[2])))
        text, at = text + mark[2], mark.end()
    return text + marked[at:], spans


def measured(part: str) -> Figures:
    """A finding counts where one of its kind overlaps what was marked."""
    figures = Figures()
    for marked in TEXTS[part]:
        text, spans = unmarked(marked)
        findings = identifying(text)
        for span in spans:
            seen = any(_overlaps(finding, span) for finding in findings)
            (figures.found if seen else figures.missed)[span[0]] += 1
            figures.words += [] if seen else [f"missed {span[0]}: {text!r}"]
        for finding in findings:
            if not any(_overlaps(finding, span) for span in spans):
                figures.in_vain[finding.kind] += 1
                figures.words.append(f"in vain {finding.kind}, {finding.excerpt!r}: {text!r}")
    return figures


def show() -> None:
    for part in PARTS:
        marked = sum("[[" in text for text in TEXTS[part])
        print(f"\n{part}: {len(TEXTS[part])} texts, {marked} of them identifying")
        print(*measured(part).lines(), sep="\n")


def _overlaps(finding: Finding, span: Span) -> bool:
    return finding.kind == span[0] and finding.start < span[2] and span[1] < finding.end


def _count(counter: Counter[str], kind: str | None) -> int:
    return counter[kind] if kind else counter.total()


def _share(good: Counter[str], bad: Counter[str], kind: str | None) -> float:
    return _count(good, kind) / max(1, _count(good, kind) + _count(bad, kind))
