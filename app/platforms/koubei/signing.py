"""RSA2 as the Alipay gateway signs: which text is signed, keys in whatever form people paste them, answers as received."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from functools import lru_cache
from json.decoder import scanstring  # type: ignore[attr-defined]  # the decoder's own reader of texts, missing in typeshed

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

_ARMOUR = re.compile(r"-----BEGIN (?P<kind>[A-Z ]+)-----(?P<body>.*)-----END (?P=kind)-----", re.DOTALL)
_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class KeyFormError(ValueError):
    """A pasted key that is no RSA key. The message never holds a part of it."""


@lru_cache(maxsize=32)  # reading and checking a key costs as much as several signatures
def private_key(text: str) -> RSAPrivateKey:
    """The app's key: PKCS#1 or PKCS#8, with or without PEM armour. Raises KeyFormError."""
    try:
        key = load_der_private_key(_der(text), password=None)
    except (ValueError, TypeError) as error:
        raise KeyFormError("not a private key") from error
    if not isinstance(key, RSAPrivateKey):
        raise KeyFormError("not an RSA key")
    return key


@lru_cache(maxsize=32)
def public_key(text: str) -> RSAPublicKey:
    """Alipay's key: SubjectPublicKeyInfo or PKCS#1, with or without PEM armour. Raises KeyFormError."""
    try:
        key = load_der_public_key(_der(text))
    except ValueError as error:
        raise KeyFormError("not a public key") from error
    if not isinstance(key, RSAPublicKey):
        raise KeyFormError("not an RSA key")
    return key


def sign(text: str, key: RSAPrivateKey) -> str:
    """RSASSA-PKCS1-v1_5 with SHA-256 over the UTF-8 of `text`, Base64."""
    return base64.b64encode(key.sign(_bytes(text), PKCS1v15(), hashes.SHA256())).decode()


def is_signed(text: str, signature: str, key: RSAPublicKey) -> bool:
    """Whether `signature` (Base64) belongs to `text`."""
    try:
        key.verify(base64.b64decode(signature, validate=True), _bytes(text), PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def request_text(params: Mapping[str, str]) -> str:
    """What is signed of a request: every parameter that is not empty except `sign`, sorted, raw values."""
    return _joined({name: value for name, value in params.items() if value and name != "sign"})


def notice_texts(fields: Mapping[str, str]) -> tuple[str, str]:
    """What may be signed of a notification: without `sign` and `sign_type` (every notification with a known vector), or
    without `sign` alone (the official SDKs' second check, said to be for some messages; recalled)."""
    signed = {name: value for name, value in fields.items() if name != "sign"}
    bare = {name: value for name, value in signed.items() if name != "sign_type"}
    return _joined(bare), _joined(signed)


def answer_parts(text: str) -> dict[str, str]:
    """The top level of an answer: each member's value as the exact run of characters received.

    A signature covers those characters: spacing, escapes and the order of keys would not survive a second serialisation.
    Raises ValueError for what is no JSON object, and for one that names a member twice.
    """
    json.loads(text)  # from here on only what the grammar allows can be met
    begin = _skip(text, 0)
    if text[begin] != "{":
        raise ValueError("not an object")
    parts: dict[str, str] = {}
    at = _skip(text, begin + 1)
    while text[at] != "}":
        name, at = scanstring(text, _skip(text, at + (text[at] == ",")) + 1)
        start = _skip(text, _skip(text, at) + 1)
        _, at = _DECODER.raw_decode(text, start)
        if name in parts:
            raise ValueError(f"{name} stands twice")
        parts[name] = text[start:at]
        at = _skip(text, at)
    return parts


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _joined(fields: Mapping[str, str]) -> str:
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields))


def _bytes(text: str) -> bytes:
    # surrogatepass: a broken emoji in a customer's note must give a wrong signature, not a crash
    return text.encode("utf-8", "surrogatepass")


def _der(text: str) -> bytes:
    text = text.strip()
    armoured = _ARMOUR.fullmatch(text)
    try:
        return base64.b64decode("".join((armoured["body"] if armoured else text).split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyFormError("not Base64") from error
