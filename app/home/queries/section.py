"""The shape of one part of the list: a heading, what to do under it, and where the whole is."""

from dataclasses import dataclass

from app.home.rules import Todo


@dataclass(frozen=True, slots=True)
class Figure:
    count: int
    words: str
    href: str


@dataclass(frozen=True, slots=True)
class Section:
    """`nothing` is what to read when there is nothing to do; `href` and `label` lead to the whole list."""

    heading: str
    todos: tuple[Todo, ...]
    nothing: str
    href: str
    label: str


Part = tuple[tuple[Figure, ...], tuple[Section, ...]]
