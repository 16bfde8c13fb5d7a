"""Envelope encryption with a maintained library: a fresh data key for each secret, wrapped by the master key."""

import hashlib
import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE: Final = 12


class Unreadable(Exception):
    """The key is wrong, or the content was changed or moved to another row."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`wrapped_key` is the data key under the master key, `ciphertext` the content under the data key; nonces in front."""

    wrapped_key: bytes
    ciphertext: bytes


def seal(content: bytes, *, secret: str, bound_to: bytes) -> Envelope:
    """Encrypt with AES-256-GCM. `bound_to` names the row that holds it, so that an envelope cannot be moved to another."""
    key = AESGCM.generate_key(256)
    return Envelope(_encrypt(_master(secret), key, bound_to), _encrypt(key, content, bound_to))


def unseal(envelope: Envelope, *, secret: str, bound_to: bytes) -> bytes:
    """Raises `Unreadable`."""
    return _decrypt(_decrypt(_master(secret), envelope.wrapped_key, bound_to), envelope.ciphertext, bound_to)


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _master(secret: str) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=b"portal master key 1").derive(secret.encode())


def _encrypt(key: bytes, content: bytes, bound_to: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, bound_to)


def _decrypt(key: bytes, content: bytes, bound_to: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(content[:_NONCE], content[_NONCE:], bound_to)
    except (InvalidTag, ValueError):  # ValueError: too short to hold even a nonce
        raise Unreadable("cannot be decrypted") from None
