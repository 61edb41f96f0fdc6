"""The plain records of the domain: categories, findings and ratings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple


class Category(str, Enum):
    """The performance categories, best first, and Not assessed where data are missing."""

    PERFORMING = "Performing"
    UNDER_REVIEW = "Performance under review"
    UNDERPERFORMING = "Underperforming"
    CHALLENGED = "Challenged"
    NOT_ASSESSED = "Not assessed"

    def __str__(self) -> str:
        return self.value


class Rag(str, Enum):
    """The ratings of a trust's way to foundation status (tripartite formal agreement), best first."""

    GREEN = "Green"
    AMBER_GREEN = "Amber/Green"
    AMBER_RED = "Amber/Red"
    RED = "Red"

    def __str__(self) -> str:
        return self.value


GRADES: dict[str, Category | Rag] = {
    grade.value: grade for scale in (Category, Rag) for grade in scale if grade is not Category.NOT_ASSESSED
}


class Severity(str, Enum):
    """How much a finding matters: an error must be put right, a query must be explained, a note is for information."""

    ERROR = "error"
    QUERY = "query"
    NOTE = "note"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Finding:
    """Something to put right, to explain or to know about a return: what, where, why and what to do."""

    id: str
    severity: Severity
    message: str
    action: str
    organisation: str = ""
    sheet: str = ""
    cell: str = ""
    reference: str = ""
    field: str = ""
    value: Any = None


class IndicatorRating(NamedTuple):
    """One indicator as rated; `value`, `score` and `weighted` are None where data are missing.

    `state` is empty for a scored indicator, else `missing` or `no activity`.
    """

    id: str
    label: str
    weight: float
    value: float | None = None
    score: float | None = None
    weighted: float | None = None
    state: str = ""


@dataclass(frozen=True)
class Cap:
    """An over-riding rule whose condition holds; `binding` where it made the category worse than it would have been."""

    id: str
    label: str
    best: Category | Rag
    binding: bool
    provenance: str
    reference: str


_EMPTY: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class DomainRating:
    """One domain as rated: its score where it has one, its category before and after the over-riding rules."""

    id: str
    title: str
    category: Category | Rag
    uncapped_category: Category | Rag
    score: float | None = None
    label: str | None = None
    caps: tuple[Cap, ...] = ()
    missing: tuple[str, ...] = ()
    indicators: Mapping[str, IndicatorRating] = field(default_factory=lambda: _EMPTY)

    @property
    def rag(self) -> Category | Rag:
        """The category of a domain that is rated red, amber or green."""
        return self.category


@dataclass(frozen=True)
class Rating:
    """How one return rates: a DomainRating for each domain of the edition, and the findings.

    `unknown_rules` are the over-riding rules that cannot be judged for want of figures.

    The domains that an edition or a trust type lacks are None: `ue` for ambulance trusts, `quality` and `cqc` in
    2009-10.
    """

    edition: str
    trust_type: str
    period: str | None
    domains: Mapping[str, DomainRating]
    findings: tuple[Finding, ...]
    unknown_rules: frozenset[str]
    inputs: Any = field(repr=False, compare=False)
    rulebook: Any = field(repr=False, compare=False)

    @property
    def finance(self) -> DomainRating:
        return self.domains["finance"]

    @property
    def ipm(self) -> DomainRating:
        return self.domains["ipm"]

    @property
    def cqc(self) -> DomainRating | None:
        return self.domains.get("cqc")

    @property
    def ue(self) -> DomainRating | None:
        return self.domains.get("ue")

    @property
    def quality(self) -> DomainRating | None:
        return self.domains.get("quality")

    @property
    def overall(self) -> DomainRating | None:
        return self.domains.get("overall")

    @property
    def tfa(self) -> DomainRating | None:
        return self.domains.get("tfa")

    @cached_property
    def steps(self) -> tuple[Any, ...]:
        """The steps that led to this rating, in order: `engine.trace.TraceStep` records."""
        from pfexcel.engine.trace import trace

        return trace(self)

    def explain(self) -> list[str]:
        """The steps that led to this rating, in order, each with its reference, as lines of text."""
        return [str(step) for step in self.steps]
