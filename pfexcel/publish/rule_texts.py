"""The rules of a trust type in words, as records of a publication: the same for every trust of the type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BandLimit:
    """A score at which the category changes, with its label: the category from there up, and the next worse one."""

    label: str
    value: float
    category: str
    below: str


@dataclass(frozen=True)
class ScoreLimit:
    """A value at which an indicator's score changes for the better, and what the value must be, in words."""

    score: float
    value: float
    words: str


@dataclass(frozen=True)
class DomainText:
    """A domain of a trust type: its title, categories best first, how it is rated, in words.

    `lowest` and `best` are the scores possible and `limits` the scores at which the category changes; None and empty
    for a domain without a score. `escalates` where a category in force is worked out over periods.
    """

    id: str
    title: str
    categories: tuple[str, ...]
    rule: str
    escalates: bool
    provenance: str
    reference: str
    lowest: float | None = None
    best: float | None = None
    limits: tuple[BandLimit, ...] = ()


@dataclass(frozen=True)
class IndicatorText:
    """An indicator of a trust type; `scoring` says which value scores what, `scores` are those possible, best first.

    `limits` are the values at which the score changes, worst first; empty where it hangs on more than the value.
    """

    id: str
    label: str
    domain: str
    sub_domain: str
    weight: float
    unit: str
    scores: tuple[float, ...]
    scoring: str
    provenance: str
    reference: str
    limits: tuple[ScoreLimit, ...] = ()


@dataclass(frozen=True)
class StepText:
    """A step of the explanation: what is rated, by which rule, where that comes from; `indicator` where it is one."""

    domain: str
    indicator: str
    step: str
    rule: str
    provenance: str
    reference: str


@dataclass(frozen=True)
class Rules:
    """The rules of a trust type in words: domains and indicators in the edition's order, steps in that of rating."""

    trust_type: str
    domains: tuple[DomainText, ...]
    indicators: tuple[IndicatorText, ...]
    steps: tuple[StepText, ...]
