"""Statements signed by the service itself (Ed25519, RFC 8032), which anybody can check by the keys it publishes."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.core.crypto import canonical, named_keys

ALGORITHM: Final = "Ed25519"
MOST: Final = 10_000


class SigningKeys:
    """The first signs from now on; all of them are published, so that what they signed can be checked for good."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = {name: Ed25519PrivateKey.from_private_bytes(key) for name, key in keys.items()}
        self.current = next(iter(self._keys))
        self.public = {name: key.public_key().public_bytes_raw() for name, key in self._keys.items()}

    @classmethod
    def parse(cls, listed: str, whose: str) -> Self:
        """`id:base64,id:base64`, each of 32 bytes. Raises `ValueError`, which tells no key."""
        return cls(named_keys(listed, whose))

    def sign(self, statement: Mapping[str, Any]) -> tuple[str, str]:
        """The key's id and the signature in base64, over the statement with that id in it as `key`."""
        signed = canonical({**statement, "key": self.current})
        return self.current, base64.b64encode(self._keys[self.current].sign(signed)).decode()


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found, in words; `said` is the statement where its signature fits, and None where not."""

    words: str
    said: Mapping[str, Any] | None = None


def published(public: Mapping[str, bytes]) -> dict[str, Any]:
    """The public keys in the one form in which they are published."""
    return {
        "keys": [
            {"id": name, "algorithm": ALGORITHM, "public_key": base64.b64encode(key).decode()}
            for name, key in public.items()
        ]
    }


def as_published(text: str) -> dict[str, bytes]:
    """Raises `ValueError` when it is not that form."""
    try:
        return {str(one["id"]): base64.b64decode(one["public_key"]) for one in json.loads(text)["keys"]}
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError("these are not published keys") from error


def written(statement: Mapping[str, Any], key_id: str, signature: str) -> str:
    """A signed statement as a text to keep."""
    return json.dumps(
        {**statement, "key": key_id, "signature": signature}, indent=2, sort_keys=True, ensure_ascii=False
    )


def check(text: str, public: Mapping[str, bytes], fields: frozenset[str]) -> Checked:
    """Whether a text, or the part of it in braces, is a statement of these fields that one of these keys signed."""
    held = text[text.find("{") : text.rfind("}") + 1]
    try:
        given = json.loads(held, object_pairs_hook=_once) if held and len(text) <= MOST else None
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or given.keys() != fields | {"key", "signature"}:
        return Checked(
            "This is not a whole receipt. Paste all of it, from the first brace to the last, as you were given it."
        )
    signature = given.pop("signature")
    key = public.get(str(given["key"]))
    if key is None:
        return Checked("It names a key that this service does not publish, so it is not a receipt of this service.")
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(
            base64.b64decode(str(signature), validate=True), canonical(given)
        )
    except (InvalidSignature, ValueError, binascii.Error):
        return Checked("The signature does not fit: something in it was changed, or this service did not write it.")
    return Checked("This service signed this receipt, and nothing in it was changed.", given)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Raises `ValueError` where a name stands twice: two readers might not read the same."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name is there twice")
    return dict(pairs)
