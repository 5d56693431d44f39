"""Certificates of a shop's own server: whom one account trusts besides the public authorities, and why one is refused.

Checking is never turned off: what an account trusts more, it names by its certificate.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from app.platforms.api import FieldKind, Platform, RejectedError, TemporaryError
from app.texts import tr

LOOK_SECONDS = 5.0
# OpenSSL's verify codes: self-signed, self-signed in the chain, no issuer found, first link not verified.
UNKNOWN_AUTHORITY = frozenset({18, 19, 20, 21})

_PEM = re.compile(r"-----BEGIN (?:TRUSTED )?CERTIFICATE-----([\sA-Za-z0-9+/=]+)-----END (?:TRUSTED )?CERTIFICATE-----")


def authority_of(platform: Platform, values: Mapping[str, str]) -> str:
    """The authority's certificates as the account's form has them, "" where it names none."""
    return "\n".join(values.get(one.name, "") for one in platform.fields if one.kind is FieldKind.CERTIFICATE).strip()


def private_trust(pem: str) -> ssl.SSLContext:
    """The public authorities and these. RejectedError when the text holds no certificate, or a private key beside it: a form
    shows openly what is in this field.

    A form keeps a pasted PEM in one line, so blanks between its lines mean nothing.
    """
    context = httpx.create_ssl_context()
    try:
        bodies = [] if "PRIVATE KEY" in pem else _PEM.findall(pem)
        found = [base64.b64decode("".join(body.split()), validate=True) for body in bodies]
        context.load_verify_locations(cadata=b"".join(found))  # refuses to load nothing
    except (ValueError, binascii.Error, ssl.SSLError) as error:
        raise RejectedError(
            tr("This is no certificate: it begins with -----BEGIN CERTIFICATE----- and holds no private key."),
            "no_certificate",
        ) from error
    # A certificate that somebody names may stand alone, without its own issuer; and Python 3.13 refuses by default what
    # small authorities leave out (an authority key identifier). Name, dates and signature are checked all the same.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


async def distrusted(error: httpx.HTTPError, url: str) -> TemporaryError | None:
    """What to say of a call that ended since the certificate at `url` is not trusted; None for any other trouble."""
    refusal = _refusal(error)
    if refusal is None:
        return None
    if refusal.verify_code not in UNKNOWN_AUTHORITY:
        return TemporaryError(tr("The certificate at this address is not valid: {reason}", reason=refusal.verify_message))
    return TemporaryError(
        tr(
            "The certificate at this address is signed by {issuer}, which this computer does not know. If that is the "
            "shop's own server, give its authority's certificate in the account's form, under More settings.",
            issuer=await _issuer(url) or "?",
        )
    )


def _refusal(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    for _ in range(10):  # httpx wraps httpcore's error, which wraps this one
        if error is None or isinstance(error, ssl.SSLCertVerificationError):
            return error
        error = error.__cause__ or error.__context__
    return None


async def _issuer(url: str) -> str:
    """Who signed what is shown at `url`, "" when nobody can tell. Nothing is sent over this connection, and it is closed."""
    parts = urlsplit(url)
    looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    looking.check_hostname, looking.verify_mode = False, ssl.CERT_NONE  # to read the name on what was refused already
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=looking, server_hostname=parts.hostname
            )
            shown: bytes | None = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
            writer.transport.abort()
    except (OSError, TimeoutError, ValueError):
        return ""
    return _named(shown) if shown else ""


def _named(certificate: bytes) -> str:
    from cryptography import x509  # takes 50 ms to import, and is needed by few
    from cryptography.x509.oid import NameOID

    try:
        issuer = x509.load_der_x509_certificate(certificate).issuer
        for wanted in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
            if found := issuer.get_attributes_for_oid(wanted):
                return str(found[0].value)[:100]
        return issuer.rfc4514_string()[:100]
    except ValueError:
        return ""
