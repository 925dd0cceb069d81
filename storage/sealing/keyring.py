"""The keys of a deployment: the lines of the key file, or of the setting in its place, and the subkeys derived from them.

One line per key, ``id:base64`` (32 bytes), newest id highest; ``#`` starts a comment. The newest key seals, every
listed one opens. A line ``index:base64`` holds the secret of the blind indexes; without one it is derived from the
oldest key. So keys can be added at any time, and :meth:`Keyring.retired` writes that line before it drops old keys:
stored values stay findable.

A lost key is a lost database. The key file is kept apart from the database and its backups.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

SECRET_BYTES = 32
_HIGHEST_ID = 255
_HEADER = "# The keys of Rangkul's database. Back this file up, apart from the database: without it nothing opens.\n"


class VaultError(Exception):
    """Raised when a key is missing, malformed or does not fit, or a sealed value was changed. The text says what to do."""


def subkey(secret: bytes, purpose: str) -> bytes:
    """The 32-byte key for one purpose (HKDF-Expand, RFC 5869 section 2.3; uniform secrets need no extract step)."""
    return HKDFExpand(algorithm=SHA256(), length=SECRET_BYTES, info=f"rangkul {purpose}".encode()).derive(secret)


@dataclass(frozen=True, slots=True)
class Keyring:
    """Master secrets by key id (1 to 255), and the secret of the blind indexes where it no longer is the oldest key's.

    Secrets are never shown: neither by ``repr`` nor in an error.
    """

    masters: Mapping[int, bytes] = field(repr=False)
    kept_index: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.masters:
            raise VaultError("no key is listed: restore the key file from its backup")
        for key_id, secret in self.masters.items():
            if not 1 <= key_id <= _HIGHEST_ID:
                raise VaultError(f"key id {key_id} is not between 1 and {_HIGHEST_ID}: correct the line")
            _check_length(secret, f"key {key_id}")
        if self.kept_index is not None:
            _check_length(self.kept_index, "the index key")

    @classmethod
    def fresh(cls) -> Keyring:
        """A new keyring with one random key."""
        return cls({1: secrets.token_bytes(SECRET_BYTES)})

    @classmethod
    def parse(cls, text: str) -> Keyring:
        """The keyring written as lines, or as one bare base64 secret (which becomes key 1).

        Commas and spaces separate like line ends, so that all of it fits into one environment variable.

        Raises:
            VaultError: when a line is none of these.
        """
        entries = re.sub("#.*", "", text).replace(",", " ").split()
        if len(entries) == 1 and ":" not in entries[0]:
            return cls({1: _decode(entries[0], "the secret")})
        found: dict[str, bytes] = {}
        for entry in entries:
            name, colon, encoded = entry.partition(":")
            if not colon or not re.fullmatch("index|[0-9]{1,3}", name):
                raise VaultError("a key line reads <id>:<base64>, with an id from 1 to 255: correct the line")
            if name in found:
                raise VaultError(f"key {name} is listed twice: remove the wrong line")
            found[name] = _decode(encoded, f"key {name}")
        index = found.pop("index", None)
        return cls({int(name): secret for name, secret in found.items()}, index)

    def dump(self) -> str:
        """The keyring as the lines that :meth:`parse` reads, newest key last."""
        named = {"index": self.kept_index} if self.kept_index else {}
        lines = {**named, **{str(key_id): self.masters[key_id] for key_id in sorted(self.masters)}}
        return "".join(f"{name}:{base64.b64encode(secret).decode()}\n" for name, secret in lines.items())

    @property
    def newest(self) -> int:
        """The id of the key that seals."""
        return max(self.masters)

    @property
    def index(self) -> bytes:
        """The secret of blind indexes, pseudonyms and invitations; the same before and after a rotation."""
        return self.kept_index or subkey(self.masters[min(self.masters)], "index")

    def grown(self) -> Keyring:
        """This keyring with one more, random key, which is the newest and so the one that seals.

        Raises:
            VaultError: when all 255 ids are used up.
        """
        if self.newest == _HIGHEST_ID:
            raise VaultError("all 255 key ids are used: export the data into a new database with a new key")
        return replace(self, masters={**self.masters, self.newest + 1: secrets.token_bytes(SECRET_BYTES)})

    def retired(self) -> Keyring:
        """This keyring with its newest key only. Values sealed by older keys can no longer be opened; blind indexes
        stay valid."""
        return Keyring({self.newest: self.masters[self.newest]}, self.index)


def _check_length(secret: bytes, name: str) -> None:
    if len(secret) != SECRET_BYTES:
        raise VaultError(f"{name} has {len(secret)} bytes instead of {SECRET_BYTES}: restore it from its backup")


def _decode(encoded: str, name: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise VaultError(f"{name} is not base64: restore it from its backup") from None  # its cause quotes the secret


def read_key_file(path: Path) -> Keyring:
    """The keyring of a key file.

    Raises:
        VaultError: when the file is missing, unreadable, malformed, or open to other users.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except FileNotFoundError:
        raise VaultError(f"the key file {path} is missing: restore it from its backup") from None
    except (OSError, UnicodeDecodeError) as error:
        raise VaultError(f"the key file {path} cannot be read ({type(error).__name__}): check it") from error
    if mode & 0o077:
        raise VaultError(f"the key file {path} is open to other users: run chmod 600 {path}")
    return Keyring.parse(text)


def open_key_file(path: Path) -> Keyring:
    """The keyring of a key file; an absent one is created with a fresh key (mode 0600, its directory 0700).

    Only for a new database, or where the key file is known to exist: a fresh key opens nothing that exists, which
    :meth:`storage.sealing.vault.Vault.fits` tells.
    """
    if path.exists():
        return read_key_file(path)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = _write_beside(path, Keyring.fresh())
    try:
        os.link(written, path)  # unlike a rename it never replaces: of two processes, the first one's key counts
    except FileExistsError:
        return read_key_file(path)
    finally:
        written.unlink()
    _sync_directory(path.parent)
    return read_key_file(path)


def write_key_file(path: Path, keyring: Keyring) -> None:
    """Replace a key file in one step, so that a crash leaves the old or the new file, never half of one."""
    _write_beside(path, keyring).replace(path)
    _sync_directory(path.parent)


def _write_beside(path: Path, keyring: Keyring) -> Path:
    """Write a keyring to a file beside ``path``, named for this process (mode 0600, on disk on return); the file's path."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(_HEADER + keyring.dump())
        file.flush()
        os.fsync(file.fileno())
    return beside


def _sync_directory(path: Path) -> None:
    """Put a directory on disk: a new file name is only on disk once its directory is."""
    directory = os.open(path, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
