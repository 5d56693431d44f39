"""The vault: one master key, kept by the system's own keyring or a key file, and everything derived from it."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.config import DataFolder
from app.texts import N_, tr

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "order-console"
KEY_BYTES = 32
NONCE_BYTES = 12
# Format 1 of a sealed blob: this byte, the nonce, AES-256-GCM ciphertext with its tag.
SEALED = b"\x01"

# Stores that the operating system locks with the user's own sign-in. Everything else keyring knows is a plain file,
# forgets, asks on the terminal, or is not known to us.
SAFE_BACKENDS = {
    ("keyring.backends.Windows", "WinVaultKeyring"): "Windows Credential Manager",
    ("keyring.backends.macOS", "Keyring"): "macOS Keychain",
    ("keyring.backends.SecretService", "Keyring"): "Secret Service",
    ("keyring.backends.kwallet", "DBusKeyring"): "KWallet",
    ("keyring.backends.kwallet", "DBusKeyringKWallet4"): "KWallet 4",
}


class VaultError(Exception):
    """The master key cannot be had, or a secret cannot be opened; the text is for the person at the counter."""


class NoSafeKeyringError(VaultError):
    """No keyring of this computer is safe enough; the text says what to do instead."""


class LostKeyError(VaultError):
    """A store exists but its key does not: a new key would make the store unreadable for ever."""


class KeyFileError(VaultError):
    """The key file is missing, readable by others, or no key file."""


class Vault:
    """Made by `open`. `backend` names where the master key is kept, for the doctor."""

    def __init__(self, master: bytes, backend: str) -> None:
        """A vault over 32 bytes of master key; ordinary callers use `open`."""
        self._master, self.backend = master, backend
        self.database_key = self._derive("database key")
        self._cipher = AESGCM(self._derive("sealed columns"))

    @classmethod
    def open(cls, folder: DataFolder, key_file: Path | None = None) -> Vault:
        """The vault of a data folder; the very first start makes its key. Raises a `VaultError` in plain words."""
        if key_file is not None:
            if not key_file.exists():
                _refuse_new_key(folder, tr("the key file {path}", path=key_file))
                create_key_file(key_file)
            return cls(read_key_file(key_file), tr("key file {path}", path=key_file))
        keyring = safe_keyring()
        return cls(_from_keyring(keyring, folder), _name(keyring))

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt `plain`; only `open_sealed` with the same `context` (say, table and row) opens it again."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return SEALED + nonce + self._cipher.encrypt(nonce, plain, SEALED + context.encode())

    def open_sealed(self, blob: bytes, context: str) -> bytes:
        """What was sealed under `context`; `VaultError` if the blob was changed, moved or sealed by another vault."""
        form, nonce, sealed = blob[:1], blob[1 : 1 + NONCE_BYTES], blob[1 + NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, sealed, form + context.encode())
        except (InvalidTag, ValueError):
            raise VaultError(tr("A stored secret cannot be opened with this key. Please enter it again.")) from None

    def _derive(self, purpose: str) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"order-console 1: {purpose}".encode()).derive(self._master)


def create_key_file(path: Path) -> None:
    """Write a new master key, readable by its owner only; `KeyFileError` if there is a file already."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileError(tr("There is a key file {path} already.", path=path)) from error
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def read_key_file(path: Path) -> bytes:
    """The master key in a key file; `KeyFileError` if others may read it or it holds something else."""
    try:
        shared = os.name == "posix" and path.stat().st_mode & 0o077
        text = path.read_bytes()
    except OSError as error:
        raise KeyFileError(tr("The key file {path} cannot be read.", path=path)) from error
    if shared:
        raise KeyFileError(tr("Others can read the key file {path}. Type: chmod 600 {path}", path=path))
    return _decoded(text.strip(), KeyFileError(tr("{path} is not a key file of Order Console.", path=path)))


def safe_keyring() -> KeyringBackend:
    """The keyring this user has set up, if the system guards it; `NoSafeKeyringError` otherwise."""
    import keyring  # loads every backend it can find, which a start with a key file need not pay for

    found = keyring.get_keyring()
    choices: list[KeyringBackend] = [found, *getattr(found, "backends", [])]
    for one in choices:
        if _kind(one) in SAFE_BACKENDS:
            if hasattr(one, "persist"):
                one.persist = "local machine"  # the default roams with the Windows profile to other computers
            return one
    raise NoSafeKeyringError(
        tr(
            "This computer has no safe keyring ({name} was found). Pass --key-file FILE to keep the key in a file instead.",
            name=".".join(_kind(found)),
        )
    )


def _from_keyring(keyring: KeyringBackend, folder: DataFolder) -> bytes:
    from keyring.errors import KeyringError

    name = _folder_id(folder)
    try:
        stored = keyring.get_password(SERVICE, name)
        if stored is None:
            _refuse_new_key(folder, _name(keyring))
            keyring.set_password(SERVICE, name, base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode())
            stored = keyring.get_password(SERVICE, name) or ""
    except KeyringError as error:
        raise VaultError(tr("{keyring} did not give the key: {error}", keyring=_name(keyring), error=error)) from error
    return _decoded(stored.encode(), VaultError(tr("{keyring} returned something that is no key.", keyring=_name(keyring))))


def _refuse_new_key(folder: DataFolder, place: str) -> None:
    if folder.database.exists():
        text = N_(
            "The key of {store} is not in {place}. A new key cannot open it: bring back the old key, or pass its --key-file."
        )
        raise LostKeyError(tr(text, store=folder.database, place=place))


def _folder_id(folder: DataFolder) -> str:
    """A name for the folder that stays with it when it is moved; written on the first start."""
    file = folder.root / "folder-id"
    if not file.exists():
        folder.create()
        partial = file.with_name("folder-id.partial")
        partial.write_text(uuid.uuid4().hex, "ascii")
        partial.replace(file)
    return file.read_text("ascii").strip()


def _decoded(text: bytes, otherwise: VaultError) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise otherwise from None
    if len(key) != KEY_BYTES:
        raise otherwise
    return key


def _kind(keyring: KeyringBackend) -> tuple[str, str]:
    return type(keyring).__module__, type(keyring).__qualname__


def _name(keyring: KeyringBackend) -> str:
    return SAFE_BACKENDS[_kind(keyring)]
