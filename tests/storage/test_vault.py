"""What is sealed opens only in its place, with its key; what is equal is found."""

from __future__ import annotations

import base64
import multiprocessing
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.sealing.vault import (
    Keyring,
    Vault,
    VaultError,
    open_key_file,
    read_key_file,
    write_key_file,
)

PLACE = {"table": "lead", "column": "sealed"}
VAULT = Vault(Keyring.fresh())

_keyrings = st.builds(
    Keyring,
    st.dictionaries(st.integers(1, 255), st.binary(min_size=32, max_size=32), min_size=1, max_size=5),
    st.none() | st.binary(min_size=32, max_size=32),
)
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
    max_leaves=8,
)


# ---------------------------------------------------------------------------------------------- seal and open


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 2**63 - 1))
def test_a_sealed_text_opens_in_its_place(text: str, row: int) -> None:
    assert (
        VAULT.open(VAULT.seal(text, table="lead", column="sealed", row=row), table="lead", column="sealed", row=row)
        == text
    )


@given(st.binary(max_size=500))
def test_sealed_bytes_open_and_are_29_bytes_longer(value: bytes) -> None:
    blob = VAULT.seal(value, table="person", column="phone", row=1)
    assert len(blob) == len(value) + 29
    assert VAULT.open_bytes(blob, table="person", column="phone", row=1) == value


@given(_json)
def test_sealed_json_opens_as_it_was(value: object) -> None:
    blob = VAULT.seal_json(value, table="lead", column="sealed", row="a1")
    assert VAULT.open_json(blob, table="lead", column="sealed", row="a1") == value


def test_the_same_value_never_looks_the_same_twice() -> None:
    blobs = {VAULT.seal("Bu Siti", table="lead", column="sealed", row=1) for _ in range(100)}
    assert len(blobs) == 100
    assert not any(b"Siti" in blob for blob in blobs)


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"table": "leadevent", "column": "sealed", "row": 1},
        {"table": "lead", "column": "note", "row": 1},
        {"table": "lead", "column": "sealed", "row": 2},
    ],
)
def test_a_value_copied_to_another_place_does_not_open(elsewhere: dict[str, object]) -> None:
    blob = VAULT.seal("Bu Siti", table="lead", column="sealed", row=1)
    with pytest.raises(VaultError, match="changed or moved"):
        VAULT.open(blob, **elsewhere)  # type: ignore[arg-type]  # a test table


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_value_with_any_changed_byte_does_not_open(position: int, change: int) -> None:
    blob = bytearray(VAULT.seal("x" * 40, table="lead", column="sealed", row=1))
    blob[position] ^= change
    with pytest.raises(VaultError):
        VAULT.open_bytes(bytes(blob), table="lead", column="sealed", row=1)


@given(st.binary(max_size=60))
def test_bytes_that_were_never_sealed_are_refused_and_nothing_else_happens(blob: bytes) -> None:
    with pytest.raises(VaultError):
        VAULT.open_bytes(blob, table="lead", column="sealed", row=1)


def test_a_missing_key_is_named_with_what_to_do() -> None:
    blob = Vault(Keyring({7: b"k" * 32})).seal("Bu Siti", table="lead", column="sealed", row=1)
    with pytest.raises(VaultError, match="sealed with key 7, which is not listed: restore"):
        VAULT.open(blob, table="lead", column="sealed", row=1)


def test_threads_may_share_a_vault() -> None:
    def round_trip(row: int) -> bool:
        return VAULT.open(VAULT.seal(str(row), **PLACE, row=row), **PLACE, row=row) == str(row)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(round_trip, range(2_000)))


# ---------------------------------------------------------------------------------------------- keyed hashes


@given(st.text(max_size=30), st.text(max_size=30))
def test_equal_values_and_only_they_are_found(one: str, other: str) -> None:
    one, other = one.encode(errors="ignore").decode(), other.encode(errors="ignore").decode()
    assert (VAULT.find("phone", one) == VAULT.find("phone", other)) == (one == other)
    assert len(VAULT.find("phone", one)) == 16


def test_indexes_differ_by_purpose_and_by_key() -> None:
    assert VAULT.find("phone", "1") != VAULT.find("address", "1")
    assert VAULT.find("phone", "1") != Vault(Keyring.fresh()).find("phone", "1")
    assert VAULT.invitation("1") != VAULT.find("", "1")


def test_the_keyed_hash_is_hmac_sha256() -> None:
    """RFC 4231, test case 2 ("Jefe")."""
    from storage.sealing.vault import _Hmac

    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert _Hmac(b"Jefe").digest(b"what do ya want for nothing?").hex() == expected


def test_a_pseudonym_is_twelve_hex_digits_and_stays() -> None:
    made = VAULT.pseudonym(123)
    assert made == VAULT.pseudonym(123) != VAULT.pseudonym(124)
    assert len(made) == 12
    assert int(made, 16) >= 0


# ---------------------------------------------------------------------------------------------- keys over time


def test_a_grown_keyring_seals_with_the_new_key_and_opens_both() -> None:
    old = Keyring.fresh()
    new = old.grown()
    before = Vault(old).seal("Bu Siti", **PLACE, row=1)
    after = Vault(new).seal("Bu Siti", **PLACE, row=1)
    assert (before[0], after[0]) == (1, 2)
    assert Vault(new).open(before, **PLACE, row=1) == Vault(new).open(after, **PLACE, row=1) == "Bu Siti"
    with pytest.raises(VaultError, match="key 2"):
        Vault(old).open(after, **PLACE, row=1)


def test_indexes_pseudonyms_and_invitations_outlive_every_rotation() -> None:
    old = Keyring.fresh()
    for keyring in (old.grown(), old.grown().retired(), old.grown().retired().grown().retired()):
        then, now = Vault(old), Vault(Keyring.parse(keyring.dump()))
        assert now.find("phone", "+62811") == then.find("phone", "+62811")
        assert now.pseudonym(1) == then.pseudonym(1)
        assert now.invitation("K7PM") == then.invitation("K7PM")


def test_a_retired_keyring_no_longer_opens_what_the_old_key_sealed() -> None:
    old = Keyring.fresh()
    blob = Vault(old).seal("Bu Siti", **PLACE, row=1)
    with pytest.raises(VaultError, match="key 1, which is not listed"):
        Vault(old.grown().retired()).open(blob, **PLACE, row=1)


def test_the_check_value_tells_whether_keys_fit_a_database() -> None:
    old = Keyring.fresh()
    stored = Vault(old).canary()
    assert Vault(old).fits(stored)
    assert Vault(old.grown()).fits(stored)
    assert not Vault(Keyring.fresh()).fits(stored)
    assert not Vault(old.grown().retired()).fits(stored)
    assert not Vault(Keyring(old.masters, kept_index=b"i" * 32)).fits(stored)
    assert not Vault(old).fits(b"")


def test_after_255_keys_there_is_no_next_one() -> None:
    with pytest.raises(VaultError, match="255"):
        Keyring({255: b"k" * 32}).grown()


# ---------------------------------------------------------------------------------------------- keys in text and files


@given(_keyrings)
def test_a_keyring_written_is_read_back(keyring: Keyring) -> None:
    assert Keyring.parse(keyring.dump()) == keyring
    assert Keyring.parse(keyring.dump().replace("\n", ",")) == keyring


@given(st.text(max_size=120))
def test_any_other_text_is_refused_with_one_kind_of_error(text: str) -> None:
    with pytest.raises(VaultError):
        Keyring.parse(text)


def test_one_bare_secret_is_key_one() -> None:
    secret = os.urandom(32)
    assert Keyring.parse(base64.b64encode(secret).decode()) == Keyring({1: secret})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no key is listed"),
        ("# only a comment\n", "no key is listed"),
        ("1:AAAA", "3 bytes instead of 32"),
        ("1:%%%%", "not base64"),
        ("0:" + "A" * 43 + "=", "not between 1 and 255"),
        ("256:" + "A" * 43 + "=", "not between 1 and 255"),
        ("1:" + "A" * 43 + "=\n1:" + "B" * 43 + "=", "listed twice"),
        ("satu:" + "A" * 43 + "=", "<id>:<base64>"),
        ("index:" + "A" * 43 + "=", "no key is listed"),
    ],
)
def test_a_wrong_key_text_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(VaultError, match=says):
        Keyring.parse(text)


@given(_keyrings)
def test_secrets_are_not_shown(keyring: Keyring) -> None:
    assert repr(keyring) == "Keyring()"


def test_an_error_does_not_quote_a_secret() -> None:
    with pytest.raises(VaultError) as raised:
        Keyring.parse("1:c2VjcmV0!")
    assert "c2VjcmV0" not in str(raised.value)
    assert raised.value.__suppress_context__


def test_an_absent_key_file_is_made_for_us_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "rangkul.keys"
    made = open_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert open_key_file(path) == read_key_file(path) == made
    assert [file.name for file in path.parent.iterdir()] == ["rangkul.keys"]


def test_processes_that_make_the_key_file_at_once_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "rangkul.keys"
    with multiprocessing.get_context("fork").Pool(4) as pool:
        made = pool.map(open_key_file, [path] * 8, chunksize=1)
    assert all(keyring == made[0] for keyring in made)
    assert [file.name for file in tmp_path.iterdir()] == ["rangkul.keys"]


def test_a_key_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    path = tmp_path / "rangkul.keys"
    grown = open_key_file(path).grown()
    write_key_file(path, grown)
    assert read_key_file(path) == grown
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["rangkul.keys"]


def test_a_missing_key_file_is_an_error_where_one_is_expected(tmp_path: Path) -> None:
    with pytest.raises(VaultError, match="missing: restore it"):
        read_key_file(tmp_path / "rangkul.keys")


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rangkul.keys"
    open_key_file(path)
    path.chmod(0o640)
    with pytest.raises(VaultError, match="chmod 600"):
        read_key_file(path)


def test_a_key_file_that_is_no_text_is_an_error_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "rangkul.keys"
    path.write_bytes(b"\xff\xfe")
    path.chmod(0o600)
    with pytest.raises(VaultError, match="cannot be read"):
        read_key_file(path)
