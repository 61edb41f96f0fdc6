"""The shape of an edition file: which keys stand where, and of what type. What they mean is checked in `build.py`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from pfexcel.model import GRADES
from pfexcel.rules.problems import EditionError, Problem

Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
TrustType = Annotated[str, Field(pattern=r"^[a-z][a-z-]*$")]


class Table(BaseModel):
    """A table with no other keys than its own."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Marked(Table):
    """A table whose numbers and rules have a source."""

    ref: str | None = None
    provenance: str | None = None


class Head(Table):
    id: str
    title: str
    frequency: Literal["quarter", "month"]
    first_day: date
    last_day: date
    trust_types: list[TrustType] = Field(min_length=1)

    @model_validator(mode="after")
    def days_in_order(self) -> Head:
        if self.last_day < self.first_day:
            raise ValueError("last_day is before first_day")
        return self


class Scale(Table):
    names: list[str] = Field(min_length=1)
    stands_from: str

    @model_validator(mode="after")
    def known_names(self) -> Scale:
        if unknown := [name for name in self.names if name not in GRADES]:
            raise ValueError(f"{unknown[0]!r} is unknown; use {', '.join(GRADES)}")
        if self.stands_from not in self.names:
            raise ValueError("stands_from is none of names")
        return self


class Unit(Table):
    kind: Literal["number", "choice", "text", "date"]
    words: str
    cell: str = "General"
    decimals: int = 0
    percent: bool = False
    whole: bool = False
    minimum: Number | None = None
    maximum: Number | None = None
    choices: list[str] = []
    default: str | None = None

    @model_validator(mode="after")
    def something_to_choose(self) -> Unit:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a unit has choices if, and only if, it is of kind choice")
        if self.default not in (None, *self.choices):
            raise ValueError("default is none of choices")
        return self


class Context(Table):
    label: str
    unit: Name


class Entry(Table):
    label: str
    unit: Name
    guidance: str = ""
    above: Number | None = None
    minimum: Number | None = None
    maximum: Number | str | None = None
    optional: bool = False
    types: list[TrustType] | None = None


class Section(Table):
    title: str
    guidance: str = ""
    types: list[TrustType] | None = None
    measures_of: Name | None = None
    fields: dict[Name, Entry] = {}


class Measure(Table):
    is_: str = Field(alias="is")
    unit: Name
    label: str | None = None


class Reading(Table):
    fields: dict[str, Entry]
    measures: dict[Name, Measure]
    not_applicable: str | None = None


class ScoreLine(Table):
    score: Number
    when: str | None = None


class Scoring(Marked):
    scores: list[ScoreLine] = Field(min_length=1)


class Indicator(Table):
    label: str
    scoring: Name
    reading: Name | None = None
    numerator: str | None = None
    denominator: str | None = None
    guidance: str | None = None
    measures: dict[Name, Measure] = {}


class CategoryLine(Table):
    category: str
    when: str | None = None


class Bands(Marked):
    limits: dict[Name, Number]
    categories: list[CategoryLine] = Field(min_length=1)


class Limit(Marked):
    is_: Number = Field(alias="is")
    unit: Name
    label: str


class LabelLine(CategoryLine):
    label: str


class OverRiding(Marked):
    id: Name
    label: str
    when: str
    best: str | None = None
    best_is: Name | None = None
    unknown: Literal["does not apply"] | None = None
    measures: dict[Name, Measure] = {}
    limits: dict[Name, Limit] = {}
    types: list[TrustType] | None = None


class SubDomain(Marked):
    label: str
    weight: Number


class Row(Marked):
    """A line of a domain: its weight, and the limits its scoring names (any number by a name of its own)."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, Number]  # pyright: ignore[reportIncompatibleVariableOverride]

    weight: Number = Field(gt=0)
    sub_domain: Name | None = None
    marks: dict[Name, str] = {}


class Domain(Marked):
    title: str
    types: list[TrustType] | None = None
    over_riding: list[OverRiding] = []
    rows: dict[TrustType, dict[Name, Row]] | None = None
    bands: Name | None = None
    weights: Literal["percent", "relative"] | None = None
    total_weight: Number | dict[TrustType, Number] | None = None
    weight_needed: Annotated[float, Field(ge=0, le=1)] | None = None
    missing: Literal["error", "query"] = "error"
    sub_domains: dict[Name, SubDomain] = {}
    labels: list[LabelLine] | None = None
    measures: dict[Name, Measure] = {}
    limits: dict[Name, Limit] = {}
    lowest_of: list[Name] | None = None
    declared: Name | None = None
    scale: Name | None = None
    ladder: Literal["framework", "tfa"] | None = None
    continues: Name | None = None

    @model_validator(mode="after")
    def one_kind(self) -> Domain:
        kinds = [kind for kind in ("rows", "labels", "lowest_of", "declared") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError("a domain has exactly one of rows, labels, lowest_of and declared")
        needed = [key for key in ("bands", "weights", "total_weight", "weight_needed") if getattr(self, key) is None]
        if self.rows is not None and needed:
            raise ValueError(f"a domain with rows also needs {', '.join(needed)}")
        return self


class EditionFile(Table):
    """The whole file."""

    edition: Head
    sources: dict[str, str]
    scales: dict[Name, Scale]
    units: dict[Name, Unit]
    context: dict[Name, Context] = {}
    sections: dict[Name, Section]
    readings: dict[Name, Reading] = {}
    scorings: dict[Name, Scoring]
    indicators: dict[Name, Indicator]
    bands: dict[Name, Bands]
    domains: dict[Name, Domain]

    @model_validator(mode="after")
    def main_scale(self) -> EditionFile:
        if "framework" not in self.scales:
            raise ValueError("scales has no framework; the categories stand in [scales.framework]")
        return self


def check_shape(raw: Mapping[str, Any], origin: str) -> None:
    """Raise EditionError with every key that is unknown, missing or of the wrong type."""
    try:
        EditionFile.model_validate(raw)
    except ValidationError as error:
        raise EditionError(origin, [_problem(e) for e in error.errors()]) from None


_MESSAGES = {"extra_forbidden": "this key is unknown", "missing": "this key is missing"}
_ACTIONS = {
    "extra_forbidden": "Remove it, or correct its spelling",
    "missing": "Add it",
    "string_pattern_mismatch": "Use small letters, digits and underscores",
}


def _problem(error: Any) -> Problem:
    parts = [str(part + 1 if isinstance(part, int) else part) for part in error["loc"]]
    key = ".".join(part for part in parts if part not in ("float", "str") and "[" not in part) or "(top)"
    message = str(_MESSAGES.get(error["type"], error["msg"])).removeprefix("Value error, ")
    return Problem(key, message, _ACTIONS.get(error["type"], "Correct the value"))
