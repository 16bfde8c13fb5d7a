"""How a letter is sealed: its own data key, wrapped to public keys (HPKE, RFC 9180) and under a session's token. Pure.

Whoever seals holds public keys alone. What a wrap and a ciphertext are for is bound into them, so that neither can be moved.
"""

import hmac
import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from app.core.crypto import Unreadable, decrypt, derived, encrypt

SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
KEY_BYTES: Final = 32
"""Of a data key."""
BUCKET: Final = 4096
"""Letters are filled up to whole multiples of so many bytes before they are encrypted, so that a length tells little."""


class KeyholderAway(Exception):
    """The keyholder cannot be reached, or cannot answer. Nothing was changed; it may be asked again."""


def new_pair() -> tuple[bytes, bytes]:
    """A private key and its public one, raw."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def new_data_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def wrap_to(public_key: bytes, data_key: bytes, *, bound_to: bytes) -> bytes:
    """A data key that only the holder of the matching private key can read."""
    return SUITE.encrypt(data_key, X25519PublicKey.from_public_bytes(public_key), info=_letter(bound_to))


def unwrap_with(private_key: bytes, wrapped: bytes, *, bound_to: bytes) -> bytes:
    """Raises `Unreadable`."""
    try:
        return SUITE.decrypt(wrapped, X25519PrivateKey.from_private_bytes(private_key), info=_letter(bound_to))
    except (InvalidTag, ValueError):
        raise Unreadable("cannot be unwrapped") from None


def wrap_under(token: str, data_key: bytes, *, bound_to: bytes) -> bytes:
    """A data key that the same session can read again; where the token is not kept, nobody can."""
    return encrypt(_of_session(token), data_key, bound_to)


def unwrap_under(token: str, wrapped: bytes, *, bound_to: bytes) -> bytes:
    """Raises `Unreadable`: another session's."""
    return decrypt(_of_session(token), wrapped, bound_to)


def vouch(voucher: str, *, bound_to: bytes) -> bytes:
    """The keyholder's word for a public key: whoever writes into the database alone cannot give it."""
    return hmac.digest(derived(voucher.encode(), b"portal public key 1"), bound_to, "sha256")


def is_vouched(word: bytes, voucher: str, *, bound_to: bytes) -> bool:
    return hmac.compare_digest(word, vouch(voucher, bound_to=bound_to))


def enclose(data_key: bytes, content: bytes, *, bound_to: bytes) -> bytes:
    """JSON, filled up with spaces, which JSON reads over, and encrypted."""
    return encrypt(data_key, content + b" " * (-len(content) % BUCKET), bound_to)


def disclose(data_key: bytes, ciphertext: bytes, *, bound_to: bytes) -> bytes:
    """Raises `Unreadable`."""
    return decrypt(data_key, ciphertext, bound_to).rstrip(b" ")


def _letter(bound_to: bytes) -> bytes:
    return b"portal letter 1 " + bound_to


def _of_session(token: str) -> bytes:
    return derived(token.encode(), b"portal session letter 1")
