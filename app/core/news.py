"""News travels up: a room tells in the past tense that something happened, and rooms above it listen; or it asks them.

Only `main` connects a listener to a piece of news, and an answerer to a question, in one readable table. Both run in the
transaction of what happened or was asked.
"""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from sqlmodel import Session

What = TypeVar("What")
Answer = TypeVar("Answer")


class News(Generic[What]):
    """Something that may happen in a room; `tell` it once it has."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._listeners: list[Callable[[Session, What], None]] = []

    def connect(self, listener: Callable[[Session, What], None]) -> None:
        """A second time it changes nothing."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def tell(self, session: Session, what: What) -> None:
        for listener in self._listeners:
            listener(session, what)


class Question(Generic[What, Answer]):
    """What a room must know from the rooms above it before it acts: `ask` it, and each of them answers what it knows."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._answerers: list[Callable[[Session, What], Iterable[Answer]]] = []

    def connect(self, answerer: Callable[[Session, What], Iterable[Answer]]) -> None:
        """A second time it changes nothing."""
        if answerer not in self._answerers:
            self._answerers.append(answerer)

    def ask(self, session: Session, what: What) -> tuple[Answer, ...]:
        return tuple(answer for answerer in self._answerers for answer in answerer(session, what))
