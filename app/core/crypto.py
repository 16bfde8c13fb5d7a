"""Envelope encryption with a maintained library: a fresh data key for each secret, wrapped by the master key.

Documents have keys of their own, apart from the master key, so that they can be changed: see `Keyring`.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12
MOST_OF_A_KEYS_NAME: Final = 40


class Unreadable(Exception):
    """The key is wrong, or the content was changed or moved to another row."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`wrapped_key` is the data key under the master key, `ciphertext` the content under the data key; nonces in front."""

    wrapped_key: bytes
    ciphertext: bytes


class Keyring:
    """The keys that wrap data keys: the first is used from now on, the others still open what they wrapped.

    `whose` says in an error which keys these are.
    """

    def __init__(self, keys: dict[str, bytes], whose: str = "documents'") -> None:
        self._keys, self._whose = keys, whose
        self.current = next(iter(keys))

    @classmethod
    def parse(cls, listed: str, whose: str = "documents'") -> Self:
        """`id:base64,id:base64`, each of 32 bytes. Raises `ValueError` that says which one is wrong, and tells no key."""
        return cls(named_keys(listed, whose), whose)

    def wrap(self, data_key: bytes, *, bound_to: bytes) -> bytes:
        return encrypt(self._keys[self.current], data_key, bound_to)

    def unwrap(self, wrapped: bytes, *, key_id: str, bound_to: bytes) -> bytes:
        """Raises `Unreadable`."""
        if key_id not in self._keys:
            raise Unreadable(f"the key {key_id} is not among the {self._whose} keys")
        return decrypt(self._keys[key_id], wrapped, bound_to)

    def mac(self, message: bytes, *, key_id: str | None = None) -> bytes:
        """A code that only a holder of that key can make. Raises `Unreadable` for a key that is not here."""
        key_id = key_id or self.current
        if key_id not in self._keys:
            raise Unreadable(f"the key {key_id} is not among the {self._whose} keys")
        return hmac.digest(derived(self._keys[key_id], b"portal witness 1"), message, hashlib.sha256)


def named_keys(listed: str, whose: str) -> dict[str, bytes]:
    """`id:base64,id:base64`, each of 32 bytes, in order. Raises `ValueError` that says which one is wrong, and tells no key."""
    keys: dict[str, bytes] = {}
    for number, entry in enumerate(listed.split(","), 1):
        name, colon, encoded = entry.strip().partition(":")
        if not colon or not 0 < len(name) <= MOST_OF_A_KEYS_NAME or name in keys:
            raise ValueError(f"key {number} of the {whose} keys is not `id:base64`, or its id is there twice")
        try:
            keys[name] = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raise ValueError(f"the {whose} key {name} is not base64") from None
        if len(keys[name]) != 32:
            raise ValueError(f"the {whose} key {name} is not 32 bytes long")
    return keys


def seal(content: bytes, *, secret: str, bound_to: bytes) -> Envelope:
    """Encrypt with AES-256-GCM. `bound_to` names the row that holds it, so that an envelope cannot be moved to another."""
    key = AESGCM.generate_key(256)
    return Envelope(encrypt(_master(secret), key, bound_to), encrypt(key, content, bound_to))


def unseal(envelope: Envelope, *, secret: str, bound_to: bytes) -> bytes:
    """Raises `Unreadable`."""
    return decrypt(decrypt(_master(secret), envelope.wrapped_key, bound_to), envelope.ciphertext, bound_to)


def canonical(content: Mapping[str, Any]) -> bytes:
    """The same facts are always the same bytes, so that their SHA-256 can be checked by anybody."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _master(secret: str) -> bytes:
    return derived(secret.encode(), b"portal master key 1")


def wrap(data_key: bytes, *, secret: str, bound_to: bytes) -> bytes:
    """A data key under the master key, as `seal` keeps it."""
    return encrypt(_master(secret), data_key, bound_to)


def derived(secret: bytes, purpose: bytes) -> bytes:
    """A key of 32 bytes that is good for this purpose alone."""
    return HKDF(hashes.SHA256(), 32, salt=None, info=purpose).derive(secret)


def encrypt(key: bytes, content: bytes, bound_to: bytes) -> bytes:
    """AES-256-GCM, the nonce in front."""
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, bound_to)


def decrypt(key: bytes, content: bytes, bound_to: bytes) -> bytes:
    """Raises `Unreadable`."""
    try:
        return AESGCM(key).decrypt(content[:_NONCE], content[_NONCE:], bound_to)
    except (InvalidTag, ValueError):  # ValueError: too short to hold even a nonce
        raise Unreadable("cannot be decrypted") from None
