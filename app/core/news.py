"""News travels up: a room tells in the past tense that something happened, and rooms above it listen.

Only `main` connects a listener to a piece of news, in one readable table. A listener runs in the transaction of what happened.
Where a room must know what only a room above can tell, it asks a `Question`, which `main` gives to who answers it.
"""

from collections.abc import Callable
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
    """What a room asks of those above; until `main` connects who answers, the answer is `otherwise`."""

    def __init__(self, name: str, *, otherwise: Answer) -> None:
        self.name = name
        self._otherwise = otherwise
        self._answerer: Callable[[Session, What], Answer] | None = None

    def connect(self, answerer: Callable[[Session, What], Answer]) -> None:
        """One answers; a second time it changes nothing."""
        self._answerer = answerer

    def ask(self, session: Session, what: What) -> Answer:
        return self._answerer(session, what) if self._answerer else self._otherwise
