"""The vault: personal data is sealed, and found again by blind indexes without being opened.

A sealed value is one byte of key id, twelve of nonce, then AES-256-GCM ciphertext with its tag: 29 bytes longer than
the value. It is bound to its table, column and row, so a copy into another row does not open. Nonces are random: NIST
SP 800-38D section 8.3 allows 2**32 values for one key; rotate before.

Blind indexes are keyed hashes. Equal values have equal indexes: that makes the values searchable, and tells nothing else.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .keyring import Keyring, VaultError, open_key_file, read_key_file, subkey, write_key_file

__all__ = ["Keyring", "Vault", "VaultError", "open_key_file", "read_key_file", "write_key_file"]

FIND_BYTES = 16  # two of a billion different values share an index by chance with odds of 1 in 10**20
_NONCE_END = 13
_SHORTEST = _NONCE_END + 16
_CHECK = b"rangkul"


class Vault:
    """Seals, opens and makes blind indexes with the keys of one keyring. Immutable and safe for threads.

    ``table`` and ``column`` are the database's names, ``row`` the value of the column that ``tables.SEALED`` names for
    that table: a rotation opens and seals by these three.
    """

    __slots__ = ("_ciphers", "_find", "_index_check", "_invitation", "_key", "_prefix", "_pseudonym", "keyring")

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._ciphers = {key_id: AESGCM(subkey(secret, "seal")) for key_id, secret in keyring.masters.items()}
        self._key = self._ciphers[keyring.newest]
        self._prefix = bytes([keyring.newest])
        self._find = _Hmac(subkey(keyring.index, "find"))
        self._pseudonym = _Hmac(subkey(keyring.index, "pseudonym"))
        self._invitation = _Hmac(subkey(keyring.index, "invitation"))
        self._index_check = _Hmac(subkey(keyring.index, "check")).digest(_CHECK)

    # ------------------------------------------------------------------------------------------ seal and open

    def seal(self, value: bytes | str, *, table: str, column: str, row: int | str) -> bytes:
        """The value sealed by the newest key, for this table, column and row only."""
        plain = value.encode() if isinstance(value, str) else value
        nonce = os.urandom(12)
        return self._prefix + nonce + self._key.encrypt(nonce, plain, f"{table}:{column}:{row}".encode())

    def open_bytes(self, blob: bytes, *, table: str, column: str, row: int | str) -> bytes:
        """The bytes that were sealed for this table, column and row.

        Raises:
            VaultError: when the value's key is not listed, or the value was sealed for another place, or changed.
        """
        cipher = self._ciphers.get(blob[0]) if len(blob) >= _SHORTEST else None
        if cipher is None:
            raise VaultError(_why_not(blob, f"{table}.{column}"))
        try:
            return cipher.decrypt(blob[1:_NONCE_END], blob[_NONCE_END:], f"{table}:{column}:{row}".encode())
        except InvalidTag:
            raise VaultError(
                f"a value of {table}.{column} does not open: this is not the key it was sealed with, or it was changed "
                "or moved; restore the key file or the row from a backup"
            ) from None

    def open(self, blob: bytes, *, table: str, column: str, row: int | str) -> str:
        """The text that was sealed for this table, column and row. Raises as :meth:`open_bytes`."""
        return self.open_bytes(blob, table=table, column=column, row=row).decode()

    def seal_json(self, value: Any, *, table: str, column: str, row: int | str) -> bytes:
        """A value sealed as JSON; anything that orjson writes."""
        return self.seal(orjson.dumps(value), table=table, column=column, row=row)

    def open_json(self, blob: bytes, *, table: str, column: str, row: int | str) -> Any:
        """The plain JSON value that :meth:`seal_json` sealed for this table, column and row. Raises as :meth:`open_bytes`,
        and VaultError where the blob opens but no JSON is in it."""
        plain = self.open_bytes(blob, table=table, column=column, row=row)
        try:
            return orjson.loads(plain)
        except orjson.JSONDecodeError:
            raise VaultError(f"a value of {table}.{column} opens, and is not what this program writes there") from None

    # ------------------------------------------------------------------------------------------ keyed hashes

    def find(self, purpose: str, value: str) -> bytes:
        """The blind index of a value: 16 bytes, equal for equal values of one purpose ("phone", "address", …).

        The caller normalizes the value first (one spelling for each number or address). The secret outlives key rotations.
        """
        return self._find.digest(f"{purpose}\0{value}".encode())[:FIND_BYTES]

    def pseudonym(self, person_id: int) -> str:
        """Twelve hexadecimal digits that stand for a person in audit and consent rows, also after their deletion."""
        return self._pseudonym.digest(str(person_id).encode())[:6].hex()

    def invitation(self, code: str) -> bytes:
        """The hash by which an officer's one-time code is stored: 16 bytes."""
        return self._invitation.digest(code.encode())[:FIND_BYTES]

    # ------------------------------------------------------------------------------------------ the key check

    def canary(self) -> bytes:
        """The key check of a new database, stored in row 1 of ``keycheck``; :meth:`fits` reads it at every later start."""
        return self.seal(self._index_check, table="keycheck", column="value", row=1)

    def fits(self, stored: bytes) -> bool:
        """Whether a stored key check is of these keys: they open the database and find its rows."""
        try:
            return self.open_bytes(stored, table="keycheck", column="value", row=1) == self._index_check
        except VaultError:
            return False


class _Hmac:
    """HMAC-SHA256 (RFC 2104) from two hash states that hold the key already: a third of the time of ``hmac.digest``."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        block = key.ljust(64, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def digest(self, message: bytes) -> bytes:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def _why_not(blob: bytes, place: str) -> str:
    if len(blob) < _SHORTEST:
        return f"a value of {place} is not a sealed one ({len(blob)} bytes): restore the row from a backup"
    return f"a value of {place} was sealed with key {blob[0]}, which is not listed: restore its line in the key file"
