"""What changes from one edition to another, in the rulebook's words and units.

Marks, guidance texts and cell formats are left out: they change no rating.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from pfexcel.rules import targets as language
from pfexcel.rules.edition import (
    Domain,
    Edition,
    Field,
    Indicator,
    Ladder,
    Limit,
    Measure,
    OverRidingRule,
    Rulebook,
    Scale,
)
from pfexcel.rules.expression import Expression
from pfexcel.rules.load import load_edition


@dataclass(frozen=True)
class Change:
    """One difference: where it is, what changes, and how it reads before and after (empty where it does not exist)."""

    trust_type: str
    domain: str
    item: str
    what: str
    before: str
    after: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.trust_type, self.domain, self.item) if part)
        if not self.before:
            how = f"{self.what} added ({self.after})"
        elif not self.after:
            how = f"{self.what} removed ({self.before})"
        else:
            how = f"{self.what}: {self.before} → {self.after}"
        return f"{where}: {how}" if where else how


@dataclass(frozen=True)
class _Said:
    """A property in words and, where two wordings may mean the same rule, what is compared instead of the words."""

    words: str
    compared: object = None

    @property
    def key(self) -> object:
        return self.words if self.compared is None else self.compared


@dataclass(frozen=True)
class _Item:
    """An indicator, over-riding rule, sub-domain, entry or domain with its properties; `summary` says it whole."""

    kind: str
    domain: str
    label: str
    summary: str
    properties: Mapping[str, _Said] = field(default_factory=dict)


def diff_editions(a: str | os.PathLike[str] | Edition, b: str | os.PathLike[str] | Edition) -> list[Change]:
    """Every change from edition `a` to edition `b`, trust type by trust type, domain by domain, entries last.

    >>> for change in diff_editions("2010-11", "2011-12"):
    ...     if change.trust_type == "mental-health":
    ...         print(change)
    mental-health, Integrated performance measures, Admissions gate-kept by crisis teams: performing: 90% → 95%
    mental-health, Integrated performance measures, Admissions gate-kept by crisis teams: underperforming: 85% → 90%
    """
    before, after = load_edition(a), load_edition(b)
    changes = []
    if before.frequency != after.frequency:
        changes.append(Change("", "", "", "periods", f"{before.frequency}s", f"{after.frequency}s"))
    for trust_type in dict.fromkeys([*before.trust_types, *after.trust_types]):
        if trust_type in before.trust_types and trust_type in after.trust_types:
            changes += _compare(trust_type, before.rulebook(trust_type), after.rulebook(trust_type))
        else:
            rated = ("rated", "") if trust_type in before.trust_types else ("", "rated")
            changes.append(Change(trust_type, "", "", "trust type", *rated))
    return changes


def _compare(trust_type: str, before: Rulebook, after: Rulebook) -> Iterator[Change]:
    groups = dict.fromkeys([*before.domains, *after.domains, "entries"])
    for group in groups:
        old, new = _items(before, group), _items(after, group)
        for key in dict.fromkeys([*new, *old]):
            yield from _changes(trust_type, old.get(key), new.get(key))


def _changes(trust_type: str, old: _Item | None, new: _Item | None) -> Iterator[Change]:
    shown = new or old
    assert shown is not None
    if old is None or new is None:
        texts = (old.summary if old else "", new.summary if new else "")
        yield Change(trust_type, shown.domain, shown.label, shown.kind, *texts)
        return
    for what in dict.fromkeys([*old.properties, *new.properties]):
        was, now = old.properties.get(what), new.properties.get(what)
        if (was and was.key) != (now and now.key):
            yield Change(
                trust_type, shown.domain, shown.label, what, was.words if was else "", now.words if now else ""
            )


# --- what there is to compare ----------------------------------------------------------------------------------------


def _items(rulebook: Rulebook, group: str) -> dict[tuple[str, str], _Item]:
    if group == "entries":
        return {("entry", entry.name): _entry(rulebook, entry) for entry in rulebook.fields.values()}
    domain = rulebook.domains.get(group)
    if domain is None:
        return {}
    items = {("domain", domain.id): _domain(rulebook, domain)}
    for sub in domain.sub_domains.values():
        weight = _weight(domain, sub.weight)
        items["sub-domain", sub.id] = _Item(
            "sub-domain", domain.title, sub.label, weight, {"label": _Said(sub.label), "weight": _Said(weight)}
        )
    for indicator in domain.indicators.values():
        items["indicator", indicator.id] = _indicator(rulebook, domain, indicator)
    for rule in domain.over_riding:
        items["over-riding rule", rule.id] = _rule(rulebook, domain, rule)
    return items


def _domain(rulebook: Rulebook, domain: Domain) -> _Item:
    parts: dict[str, _Said] = {"title": _Said(domain.title), "scale": _scale(domain.scale)}
    how = "weighted score of its indicators"
    if domain.labels is not None:
        how = _conditions(domain.labels, _names(rulebook, domain.measures), domain.labels.limits)
        parts |= _measures(rulebook, domain.measures)
    elif domain.declared is not None:
        how = f"as declared in {_names(rulebook)[domain.declared]!r}"
    elif domain.lowest_of:
        how = f"the lowest of {', '.join(rulebook.domains[name].title for name in domain.lowest_of)}"
    steps = domain.labels and (_steps(domain.labels), domain.labels.values)
    parts["category"] = _Said(how, (steps, domain.declared, domain.lowest_of))
    if domain.bands is not None:
        parts["bands"] = _Said(_conditions(domain.bands, {}, domain.bands.limits))
        parts["total weight"] = _Said(_weight(domain, domain.total_weight))
        parts["weight needed for a score"] = _Said(f"{domain.weight_needed:.0%}", domain.weight_needed)
    if domain.indicators or domain.labels is not None or domain.declared is not None:
        parts["finding where data are missing"] = _Said(domain.missing_is)
    return _Item("domain", domain.title, "", how, parts)


def _indicator(rulebook: Rulebook, domain: Domain, indicator: Indicator) -> _Item:
    weight = _weight(domain, indicator.weight)
    names = {name: "value" if name == "value" else m.label for name, m in indicator.measures.items()}
    parts = {"label": _Said(indicator.label), "weight": _Said(weight, indicator.weight)}
    if indicator.sub_domain is not None:
        parts["sub-domain"] = _Said(domain.sub_domains[indicator.sub_domain].label, indicator.sub_domain)
    parts |= _limits(indicator.limits)
    parts["scoring"] = _Said(_conditions(indicator.ladder, names, {}), _steps(indicator.ladder))
    parts |= _measures(rulebook, indicator.measures)
    if indicator.not_applicable is not None:
        gone = indicator.not_applicable
        parts["left out"] = _Said(language.words(gone, _speaker(names, {})), gone.text)
    summary = f"weight {weight}: {_conditions(indicator.ladder, names, indicator.limits)}"
    return _Item("indicator", domain.title, indicator.label, summary, parts)


def _rule(rulebook: Rulebook, domain: Domain, rule: OverRidingRule) -> _Item:
    names = _names(rulebook, rule.measures)
    best = rule.best or f"as declared in {names.get(str(rule.best_is), '')!r}"
    when = language.words(rule.when, _speaker(names, rule.limits))
    parts = {
        "label": _Said(rule.label),
        "best possible": _Said(best, rule.best_is),
        "condition": _Said(when, rule.when.text),
        **_limits(rule.limits),
        **_measures(rulebook, rule.measures),
        "where data are missing": _Said("does not apply" if rule.unknown_applies_not else "Not assessed"),
    }
    return _Item("over-riding rule", domain.title, rule.label, f"best possible {best} if {when}", parts)


def _entry(rulebook: Rulebook, entry: Field) -> _Item:
    unit = entry.unit
    bounds = [
        f"{word} {entry.unit.show(bound)}"
        for word, bound in (("above", entry.above), ("at least", entry.minimum), ("at most", entry.maximum))
        if bound is not None
    ]
    if entry.not_above is not None:
        bounds.append(f"at most {rulebook.fields[entry.not_above].label!r}")
    words = ", ".join(unit.choices) if unit.choices else unit.words
    kind = f"{words}, whole" if unit.whole else words
    parts = {
        "label": _Said(entry.label),
        "unit": _Said(kind, (kind, unit.kind, unit.percent, unit.default)),
        "bounds": _Said(", ".join(bounds) or "none", (entry.above, entry.minimum, entry.maximum, entry.not_above)),
        "needed": _Said("optional" if entry.optional else "required"),
    }
    return _Item("entry", "Return", entry.label, ", ".join([kind, *bounds]), parts)


# --- in words --------------------------------------------------------------------------------------------------------


def _scale(scale: Scale) -> _Said:
    return _Said(f"{', '.join(scale.names)}; {scale.stands_from} stands although data are missing")


def _weight(domain: Domain, weight: float) -> str:
    return f"{weight:.10g}%" if domain.percent_weights else f"{weight:.10g}"


def _limits(limits: Mapping[str, Limit]) -> dict[str, _Said]:
    return {
        name.replace("_", " "): _Said(limit.unit.show(limit.value), (limit.value, limit.unit.id))
        for name, limit in limits.items()
    }


def _measures(rulebook: Rulebook, measures: Mapping[str, Measure]) -> dict[str, _Said]:
    names = _names(rulebook)
    return {
        f"measure {name.replace('_', ' ')}": _Said(
            language.words(measure.expression, _speaker(names, {})), (measure.expression.text, measure.unit.id)
        )
        for name, measure in measures.items()
    }


def _names(rulebook: Rulebook, measures: Mapping[str, Measure] | None = None) -> dict[str, str]:
    """How entries, what the period tells, categories and measures are called."""
    return {
        **{name: entry.label for name, entry in rulebook.fields.items()},
        **{name: entry.label for name, entry in rulebook.edition.context.items()},
        **{f"{domain.id}_category": domain.title for domain in rulebook.domains.values()},
        **{name: measure.label for name, measure in (measures or {}).items()},
    }


def _steps(ladder: Ladder) -> tuple[object, ...]:
    return tuple((s.score, s.category, s.label, s.when.text if s.when else None) for s in ladder.steps)


def _conditions(ladder: Ladder, names: Mapping[str, str], limits: Mapping[str, Limit]) -> str:
    """A ladder as one sentence; a limit that is not in `limits` goes by its name."""
    parts = []
    for step in ladder.steps:
        result = f"{step.score:g}" if step.score is not None else step.label or str(step.category)
        if step.label is not None:
            result = f"{step.label} ({step.category})"
        when = f"if {language.words(step.when, _speaker(names, limits))}" if step.when else "otherwise"
        parts.append(f"{result} {when}")
    return "; ".join(parts)


def _speaker(names: Mapping[str, str], limits: Mapping[str, Limit]) -> Callable[[ast.expr], str]:
    def say(node: ast.expr) -> str:
        match node:
            case ast.Name(id=name) if name in limits:
                return limits[name].unit.show(limits[name].value)
            case ast.Name(id=name):
                return names.get(name, name.replace("_", " "))
            case ast.Constant(value=value):
                return str(value)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"−{say(operand)}"
        return language.words(Expression("", node), say)

    return say
