"""The vault never falls back to something unsafe and never replaces a key that a store still needs."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import keyring
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked

from app.config import DataFolder
from app.db.database import Database, WrongKeyError
from app.engine import secrets
from app.engine.secrets import KeyFileError, LostKeyError, NoSafeKeyringError, Vault, VaultError, create_key_file

posix = pytest.mark.skipif(os.name != "posix", reason="Windows guards files by other means than a mode")


class MemoryKeyring(KeyringBackend):
    """Stands for the system's keyring in these tests."""

    priority = 0  # never chosen by itself

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring's own
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlainFileKeyring(MemoryKeyring):
    """Stands for a third party's backend that nobody has allowed."""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "shop")


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> MemoryKeyring:
    """A keyring that is on the allow-list, in use."""
    kind = (MemoryKeyring.__module__, MemoryKeyring.__qualname__)
    monkeypatch.setattr(secrets, "SAFE_BACKENDS", {**secrets.SAFE_BACKENDS, kind: "Test Keychain"})
    made = MemoryKeyring()
    keyring.set_keyring(made)
    return made


def test_one_key_a_folder_is_made_once_and_found_again(folder: DataFolder, system: MemoryKeyring, tmp_path: Path) -> None:
    vault = Vault.open(folder)
    assert vault.backend == "Test Keychain"
    assert Vault.open(folder).database_key == vault.database_key
    assert Vault.open(DataFolder(tmp_path / "other shop")).database_key != vault.database_key
    assert {service for service, _ in system.kept} == {"order-console"}
    assert [len(base64.b64decode(stored)) for stored in system.kept.values()] == [32, 32]


def test_the_key_follows_a_folder_that_is_moved(folder: DataFolder, system: MemoryKeyring, tmp_path: Path) -> None:
    before = Vault.open(folder).database_key
    moved = DataFolder(folder.root.rename(tmp_path / "moved"))
    assert Vault.open(moved).database_key == before
    assert len(system.kept) == 1


class TwoKeyrings(chainer.ChainerBackend):
    """What keyring makes of a machine with several backends."""

    backends: ClassVar[list[KeyringBackend]] = []


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, PlainFileKeyring, chainer.ChainerBackend, TwoKeyrings])
def test_an_unsafe_keyring_is_refused_and_nothing_is_left_behind(
    folder: DataFolder, backend: Callable[[], KeyringBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TwoKeyrings, "backends", [PlainFileKeyring(), PlainFileKeyring()])
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [])
    keyring.set_keyring(backend())
    with pytest.raises(NoSafeKeyringError, match="--key-file"):
        Vault.open(folder)
    assert not folder.root.exists()


def test_of_several_keyrings_only_the_safe_one_is_asked(
    folder: DataFolder, system: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = PlainFileKeyring()
    monkeypatch.setattr(TwoKeyrings, "backends", [plain, system])
    keyring.set_keyring(TwoKeyrings())  # type: ignore[no-untyped-call]  # keyring's own
    assert Vault.open(folder).backend == "Test Keychain"
    assert system.kept
    assert not plain.kept


def test_the_allow_list_names_classes_that_exist() -> None:
    for module, name in secrets.SAFE_BACKENDS:
        assert hasattr(__import__(module, fromlist=[name]), name)


def test_a_lost_keyring_entry_is_never_replaced_while_a_store_exists(folder: DataFolder, system: MemoryKeyring) -> None:
    Database.open(folder.create().database, Vault.open(folder).database_key).close()
    system.kept.clear()
    with pytest.raises(LostKeyError, match="bring back the old key"):
        Vault.open(folder)
    assert not system.kept


def test_a_locked_keyring_is_named_and_its_key_kept(folder: DataFolder, system: MemoryKeyring) -> None:
    before = Vault.open(folder).database_key
    system.locked = True
    with pytest.raises(VaultError, match="Test Keychain did not give the key"):
        Vault.open(folder)
    system.locked = False
    assert Vault.open(folder).database_key == before


def test_a_keyring_that_forgets_is_noticed(
    folder: DataFolder, system: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "set_password", lambda *_: None)
    with pytest.raises(VaultError, match="no key"):
        Vault.open(folder)


def test_a_key_file_is_made_on_the_first_start_and_never_again(folder: DataFolder, tmp_path: Path) -> None:
    file = tmp_path / "keys" / "shop.key"
    key = Vault.open(folder, file).database_key
    Database.open(folder.create().database, key).close()
    assert Vault.open(folder, file).database_key == key
    file.unlink()
    with pytest.raises(LostKeyError, match=r"shop\.key"):
        Vault.open(folder, file)
    assert not file.exists()


def test_another_key_file_does_not_open_the_store(folder: DataFolder, tmp_path: Path) -> None:
    Database.open(folder.create().database, Vault.open(folder, tmp_path / "a.key").database_key).close()
    create_key_file(tmp_path / "b.key")
    with pytest.raises(WrongKeyError):
        Database.open(folder.database, Vault.open(folder, tmp_path / "b.key").database_key)


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_file_that_others_can_read_is_refused(folder: DataFolder, tmp_path: Path, mode: int) -> None:
    file = tmp_path / "shop.key"
    create_key_file(file)
    assert file.stat().st_mode & 0o777 == 0o600
    file.chmod(mode)
    with pytest.raises(KeyFileError, match="chmod 600"):
        Vault.open(folder, file)


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    create_key_file(tmp_path / "shop.key")
    with pytest.raises(KeyFileError, match="already"):
        create_key_file(tmp_path / "shop.key")


@pytest.mark.parametrize("content", [b"", b"not a key", b"AAAA", base64.b64encode(b"x" * 31), b"\xff\xfe"])
def test_a_file_with_something_else_is_no_key_file(folder: DataFolder, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "shop.key"
    create_key_file(file)
    file.write_bytes(content)
    with pytest.raises(KeyFileError, match="not a key file"):
        Vault.open(folder, file)


VAULT = Vault(b"m" * 32, "test")


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_what_is_sealed_opens_in_its_own_place_only(plain: bytes, context: str) -> None:
    blob = VAULT.seal(plain, context)
    assert VAULT.open_sealed(blob, context) == plain
    assert VAULT.seal(plain, context) != blob
    for vault, place in [(VAULT, context + "x"), (Vault(b"n" * 32, "test"), context)]:
        with pytest.raises(VaultError):
            vault.open_sealed(blob, place)


@given(st.binary(max_size=60), st.data())
def test_a_changed_or_cut_blob_is_refused(plain: bytes, draw: st.DataObject) -> None:
    blob = VAULT.seal(plain, "accounts.sealed:1")
    place = draw.draw(st.integers(0, len(blob) - 1))
    changed = bytearray(blob)
    changed[place] ^= draw.draw(st.integers(1, 255))
    for bad in (bytes(changed), blob[:place]):
        with pytest.raises(VaultError):
            VAULT.open_sealed(bad, "accounts.sealed:1")


def test_keys_for_different_ends_differ_and_stay_the_same_for_ever() -> None:
    assert VAULT.database_key.hex() == "1306ee60544128a44ba11381bdc43dc1916d331630dc0825531c87bfe3833f4a"
    assert VAULT.database_key != b"m" * 32
    assert "m" * 8 not in repr(VAULT)
