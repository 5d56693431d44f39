"""Logs: one chain for structlog and the standard library, rotated JSON lines on disk, and no secret in either."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Mapping
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

FILE_BYTES = 5_000_000
FILES_KEPT = 8

# A key with one of these words in its name (app_secret, X-Sign, accessToken) hides its whole value.
_CONFIDENTIAL = (
    r"(?:token|secret|sign|signature|authorization|password|passwd|pwd|cookie|pin|api_?key|private_?key|credential)"
)
_PERSONAL = r"(?:phone|mobile|tel|telephone|recipient|consignee|customer|customer_?name|delivery_?address|id_?card)"
_WORD_START, _WORD_END = r"(?:^|(?<=[^a-zA-Z])|(?<=[a-z])(?=[A-Z]))", r"(?:$|(?=[^a-zA-Z])|(?=[A-Z])|(?=s$))"
_HIDDEN_KEY = re.compile(f"{_WORD_START}(?i:{_CONFIDENTIAL}|{_PERSONAL}){_WORD_END}")

# The same in running text: query strings, headers, JSON and Python's own notation of a mapping.
_HIDDEN_IN_TEXT = re.compile(
    rf"""((?<![a-zA-Z0-9])[\w-]*{_CONFIDENTIAL}s?\\?["']?\s*[=:]\s*)"""
    r"""(\\?"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;&"'})\]]+)""",
    re.IGNORECASE,
)
# Two headers whose value has spaces in it.
_HEADER = re.compile(r"""((?:cookie|authorization)\\?["']?\s*[:=]\s*\\?["']?)[^"'\\\r\n]+""", re.IGNORECASE)

_ID_CARD = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")
# Payment networks use first digits 2 to 6; order numbers and clocks in milliseconds mostly do not.
_CARD = re.compile(r"(?<!\d)(?<!\d\.)[2-6](?:[ -]?\d){12,18}(?!\d)")
_PHONE = re.compile(
    r"""(?<!\d)(?<!\d\.)(?:
        (?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}      # mainland mobile, platforms' virtual numbers too
        | 0\d{2,3}[ -]?\d{3,4}[ -]?\d{4}                 # mainland land line with area code
        | 0\d(?:[ .-]?\d{2}){4}                          # French national form
        | \+\d{1,3}(?:[ .()-]{0,2}\d){7,12}              # international form
    )(?!\d)""",
    re.VERBOSE,
)

_ours: list[logging.Handler] = []


def setup(folder: Path | None = None, level: str = "INFO") -> None:
    """Log to the terminal, and as JSON lines to `folder`; repeating it replaces what it did before.

    Call it before python-escpos is imported: that calls `logging.basicConfig`, which does nothing once there are handlers.
    """
    shut_down()
    route()
    console = logging.StreamHandler(sys.stderr)
    console.setFormatter(_formatter(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())))
    _ours.append(console)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = RotatingFileHandler(
            folder / "order-console.log", maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True
        )
        file.setFormatter(_formatter(structlog.processors.JSONRenderer(ensure_ascii=False, default=str)))
        _ours.append(file)
    root = logging.getLogger()
    root.setLevel(level)
    for handler in _ours:
        root.addHandler(handler)
    for chatty in ("httpx", "apscheduler", "alembic"):  # their lines say nothing that our own do not
        logging.getLogger(chatty).setLevel(logging.WARNING)


def shut_down() -> None:
    """Close what `setup` opened."""
    for handler in _ours:
        logging.getLogger().removeHandler(handler)
        handler.close()
    _ours.clear()


def route() -> None:
    """Send structlog's events through the standard library's loggers, where handlers and levels are."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_before(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def redact(text: str) -> str:
    """`text` without phone, card and identity numbers and without the values of tokens, secrets and signatures."""
    text = _HEADER.sub(r"\1[hidden]", text)
    text = _HIDDEN_IN_TEXT.sub(r"\1[hidden]", text)
    text = _ID_CARD.sub("[id card]", text)
    text = _CARD.sub(_mask_card, text)
    return _PHONE.sub(_mask_phone, text)


def redact_event(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The processor: every value of an event, however deep, is redacted before anything renders it."""
    return {key: _redact_value(key, value) for key, value in event.items()}


def _redact_value(key: object, value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(key, str) and _HIDDEN_KEY.search(key):
        return "[hidden]"
    if isinstance(value, Mapping):
        return {redact(str(inner)): _redact_value(inner, kept) for inner, kept in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_redact_value("", each) for each in value]
    return _redact_plain(value)


def _redact_plain(value: object) -> object:
    """Anything else as its own kind when it is harmless, as redacted text when it is not."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    clean = redact(text)
    return value if clean == text and isinstance(value, int | str) else clean


def _mask_card(match: re.Match[str]) -> str:
    digits = [int(digit) for digit in match[0] if digit.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    valid = (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
    return "[card]" if valid else match[0]


def _mask_phone(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match[0])
    return f"[phone ..{digits[-4:]}]"


def _before() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]


def _formatter(renderer: Processor | Callable[..., Any]) -> logging.Formatter:
    """Tracebacks become text before redaction, because they quote values; `redact` runs last on whatever is left."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_before(), structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            redact_event,
            renderer,
        ],
    )
