"""Square's hosts and the form of its refusals."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.platforms import http
from app.platforms.api import AuthError, PlatformError, RejectedError, TemporaryError
from app.platforms.http import Answer
from app.texts import N_

PRODUCTION, SANDBOX = N_("production"), N_("sandbox")
API = {PRODUCTION: "https://connect.squareup.com", SANDBOX: "https://connect.squareupsandbox.com"}
VERSION = (
    "2025-08-20"  # the vendor's OpenAPI file that the shapes here were read from; without it an app's own default counts
)
# The rate of calls, and "only one change of the catalogue at a time", which is answered in the same way (documented).
BUSY = frozenset({"RATE_LIMITED", "API_ERROR", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT"})
VERSION_MISMATCH = "VERSION_MISMATCH"


class Refusal(NamedTuple):
    """The first of the listed errors; `text` holds the words of all."""

    category: str
    code: str
    text: str


def refusal(answer: Answer) -> Refusal:
    """`{"errors": [{"category", "code", "detail", "field"}]}`; empty for anything else."""
    listed = answer.body.get("errors") if isinstance(answer.body, dict) else None
    errors = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if not errors:
        return Refusal("", "", "")
    return Refusal(_word(errors[0], "category"), _word(errors[0], "code"), " · ".join(filter(None, map(_words, errors))))


def error_of(answer: Answer) -> PlatformError:
    """Documented: only RATE_LIMIT_ERROR and API_ERROR are worth another try, with the same key.

    403 says what this token may not do. Signing in again is not always the answer, and orders must go on coming in.
    """
    found = refusal(answer)
    words = found.text or f"HTTP {answer.status}"
    if found.category in ("RATE_LIMIT_ERROR", "API_ERROR") or found.code in BUSY:
        return TemporaryError(words, http.retry_after(answer.headers))
    if answer.status == 401:
        return AuthError(words)
    if answer.status == 403:
        return RejectedError(words, found.code or "403")
    return http.error_for(answer, words, found.code)


def _words(error: dict[str, Any]) -> str:
    return _word(error, "detail") or _word(error, "code")


def _word(error: dict[str, Any], name: str) -> str:
    return str(error.get(name) or "")
