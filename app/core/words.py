"""Words put together as people say them."""

from collections.abc import Sequence


def listed(words: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'; nothing for no words."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)
