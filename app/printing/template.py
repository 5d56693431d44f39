"""Templates: forms as data, checked when they are read; the program's own for every kind, and a shop's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache, cached_property
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import Field, ValidationError, model_validator

from app.config import resources
from app.domain.tickets import COOKED_FROM, NoteKind, Ticket, TicketKind
from app.printing.blocks import Allergy, AnyBlock, Dishes, Origin
from app.printing.looks import Model, Words
from app.texts import N_, tr

# Papers that somebody cooks by: they name their dishes, whatever else they leave out, and never lose an allergy.
COOKED_BY = COOKED_FROM | {TicketKind.CHANGED, TicketKind.EXPEDITER}
WARNED_BY = COOKED_BY | {TicketKind.PACKING}  # whoever packs is the last to see a wrong dish


class TemplateError(ValueError):
    """A template that cannot be used; the message says where and what, for staff."""


class Template(Model):
    """The form of one kind of paper. Marks, the footer and, for cooks and packers, allergies are on it anyway."""

    name: Annotated[str, Field(min_length=1, max_length=60)] = Field(title=N_("Name"))
    kind: TicketKind = Field(title=N_("Kind of paper"))
    title: Words = Field(title=N_("Title"))
    blocks: tuple[AnyBlock, ...] = Field(title=N_("Blocks"), min_length=1, max_length=60)
    beeps: Annotated[int, Field(ge=0, le=9)] = Field(0, title=N_("Beeps"))

    @model_validator(mode="after")
    def _says_what_to_cook(self) -> Template:
        if self.kind in COOKED_BY and not any(isinstance(one, Dishes) and one.only_if is None for one in self.blocks):
            raise ValueError(tr("a paper that is cooked from must always list its dishes"))
        return self

    @cached_property
    def warns(self) -> bool:
        """Whether it has its own place for allergies."""
        return any(isinstance(block, Allergy) for block in self.blocks)

    @cached_property
    def explains(self) -> bool:
        """Whether it has its own place for what is new and why."""
        return any(isinstance(block, Origin) and block.only_if is None for block in self.blocks)

    @cached_property
    def facts(self) -> frozenset[str]:
        """The facts of an order that stand on it and may change, see `Block.facts`; allergies are on it anyway."""
        always = {NoteKind.ALLERGY.value} if self.kind in WARNED_BY else frozenset()
        return frozenset(always).union(*(block.facts for block in self.blocks))

    @cached_property
    def smaller(self) -> Template:
        """The same with everything one step smaller."""
        return self.changed(blocks=tuple(block.smaller() for block in self.blocks))

    def to_json(self) -> str:
        """Readable, without what is as usual; `read_template` gives the same template back."""
        plain = self.model_dump(mode="json", exclude_defaults=True)
        rows = [{"type": block.type, **shown} for block, shown in zip(self.blocks, plain.pop("blocks"), strict=True)]
        blocks = ",\n".join(f"    {json.dumps(row, ensure_ascii=False)}" for row in rows)
        head = json.dumps(plain, ensure_ascii=False, indent=2).removesuffix("\n}")
        return f'{head},\n  "blocks": [\n{blocks}\n  ]\n}}\n'


def read_template(text: str) -> Template:
    """The template written as JSON in `text`. Raises TemplateError."""
    try:
        return Template.model_validate_json(text)
    except ValidationError as error:
        raise TemplateError(_explained(error)) from error


@cache
def standard_templates() -> Mapping[str, Template]:
    """The program's own, one for each kind, by the kind's value."""
    folder = resources() / "templates"
    return MappingProxyType(
        {kind.value: read_template((folder / f"{kind.value}.json").read_text("utf-8")) for kind in TicketKind}
    )


def template_for(ticket: Ticket, shop: Mapping[str, Template]) -> Template:
    """What `ticket` is printed in: the template it names, the shop's before ours; ours where that is of another kind."""
    names = (ticket.template, ticket.kind.value)
    found = (known.get(name) for name in names if name for known in (shop, standard_templates()))
    fitting = (template for template in found if template and template.kind is ticket.kind)
    return next(fitting, standard_templates()[ticket.kind.value])


def _explained(error: ValidationError) -> str:
    first = error.errors()[0]
    where = _where(first["loc"])
    return f"{where}: {_what(first)}" if where else _what(first)


def _where(location: tuple[int | str, ...]) -> str:
    """Block 3 (text), size: as staff count, from one."""
    if location[:1] == ("blocks",) and len(location) > 1:
        number, *rest = location[1:]
        kind = f" ({rest.pop(0)})" if rest else ""
        place = tr("Block {n}", n=int(number) + 1) + kind
        return ", ".join([place, *map(str, rest)])
    return ", ".join(map(str, location))


def _what(error: Any) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "json_invalid":
            return tr("This is not JSON: {error}", error=context["error"])
        case "extra_forbidden":
            return tr("this is not known")
        case "missing" | "union_tag_not_found":
            return tr("something is missing")
        case "union_tag_invalid":
            return tr("there is no block {name}; known: {known}", name=context["tag"], known=context["expected_tags"])
        case "literal_error" | "enum":
            return tr("must be one of: {known}", known=context["expected"])
        case "value_error":
            return str(context["error"])
    return str(error["msg"])
