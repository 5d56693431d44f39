"""Credentials files: a password, or a JWT with its key; what is neither is said without repeating it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from app.relay.credentials import CredentialsError, read_credentials

# The example pair of the nkeys documentation.
SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
PUBLIC = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
CREDS = f"""-----BEGIN NATS USER JWT-----
head.body.tail
------END NATS USER JWT------

************************* IMPORTANT *************************
-----BEGIN USER NKEY SEED-----
{SEED}
------END USER NKEY SEED------
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "front.txt"
    path.write_text(text, "utf-8")
    return path


def test_a_user_with_a_password(tmp_path: Path) -> None:
    known = read_credentials(written(tmp_path, "lee:se:cret\n"))
    assert known.options() == {"user": "lee", "password": "se:cret"}
    assert "cret" not in repr(known)


def test_a_creds_file_signs_with_the_key_whose_public_half_the_server_knows(tmp_path: Path) -> None:
    known = read_credentials(written(tmp_path, CREDS))
    options = known.options()
    assert options["user_jwt_cb"]() == b"head.body.tail"
    assert known.key
    public = known.key.public_key()
    assert public.public_bytes_raw() == base64.b32decode(PUBLIC)[1:33]
    public.verify(base64.b64decode(options["signature_cb"]("a nonce")), b"a nonce")


@pytest.mark.parametrize(
    "text", ["", "lee", ":x", "lee:", "a:b\nc:d", "-----BEGIN", CREDS.replace("SUAC", "SUAD"), CREDS.replace(SEED, "SU")]
)
def test_what_is_neither_is_refused_without_repeating_it(tmp_path: Path, text: str) -> None:
    with pytest.raises(CredentialsError) as caught:
        read_credentials(written(tmp_path, text))
    assert SEED[8:] not in str(caught.value)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "front.txt"
    path.write_bytes(b"lee:\xff\xfe")
    with pytest.raises(CredentialsError):
        read_credentials(path)
