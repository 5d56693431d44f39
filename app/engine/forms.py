"""The forms of paper as the shop has them: its own templates over the shipped ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import structlog
from sqlalchemy import Connection

from app.db import stations
from app.domain.tickets import Ticket
from app.printing import Template, TemplateError, read_template, template_for

log = structlog.get_logger(__name__)


def form_of(connection: Connection, ticket: Ticket) -> Template:
    """The template a ticket is printed in; one of the shop's that cannot be read gives way to the shipped one."""
    return form_among(ticket, stations.forms(connection))


def form_among(ticket: Ticket, bodies: Mapping[str, str]) -> Template:
    """The same from the shop's templates as they are stored, by name."""
    return template_for(ticket, _readable(bodies))


def _readable(bodies: Mapping[str, str]) -> dict[str, Template]:
    found = {name: _read(body) for name, body in bodies.items()}
    return {name: template for name, template in found.items() if template}


@lru_cache(256)
def _read(body: str) -> Template | None:
    try:
        return read_template(body)
    except TemplateError as error:  # written by another release: the kitchen gets the shipped form rather than nothing
        log.warning("template_not_read", reason=str(error))
        return None
