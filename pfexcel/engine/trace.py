"""How a rating came about, in words: the steps in order, each with its result, reference and provenance.

The same steps stand in `Rating.explain()`, in `pfexcel explain` and on the Rating sheet.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pfexcel.engine.inputs import Inputs
from pfexcel.engine.rate import measured
from pfexcel.model import DomainRating, IndicatorRating, Rating
from pfexcel.rules import expression as language
from pfexcel.rules.edition import Domain, Edition, Indicator, Ladder, Limit, Mark, OverRidingRule, Rulebook


@dataclass(frozen=True)
class TraceStep:
    """One step: what is rated, on what value, with what result, by which rule, and where that rule comes from."""

    step: str
    value: str
    result: str
    rule: str
    provenance: str
    reference: str

    def __str__(self) -> str:
        value = f" {self.value}:" if self.value else ":"
        rule = f" ({self.rule})" if self.rule else ""
        return f"{self.step}:{value if value != ':' else ''} {self.result}{rule} [{self.provenance}: {self.reference}]"


def explain(rating: Rating) -> list[str]:
    """The steps of a rating as lines of text."""
    return [str(step) for step in trace(rating)]


def trace(rating: Rating) -> list[TraceStep]:
    """The steps of a rating, domain by domain in the order in which they are rated."""
    rulebook: Rulebook = rating.rulebook
    steps: list[TraceStep] = []
    for domain in rulebook.domains.values():
        rated = rating.domains[domain.id]
        for indicator in domain.indicators.values():
            steps.append(_indicator_step(rulebook.edition, rating.inputs, indicator, rated.indicators[indicator.id]))
        steps.append(_uncapped_step(rulebook, rating, domain, rated))
        for rule in domain.over_riding:
            steps.append(_rule_step(rulebook.edition, domain, rule, rated))
        if domain.over_riding:
            mark = domain.mark
            steps.append(
                _step(rulebook.edition, domain.title, "", str(rated.category), "after over-riding rules", mark)
            )
    return steps


def _step(edition: Edition, step: str, value: str, result: str, rule: str, mark: Mark) -> TraceStep:
    return TraceStep(step, value, result, rule, mark.provenance, edition.cite(mark))


def _indicator_step(edition: Edition, inputs: Inputs, indicator: Indicator, rated: IndicatorRating) -> TraceStep:
    mark = weakest(indicator)
    value = indicator.value.unit.show(rated.value) if rated.value is not None else ""
    further = [m for n, m in indicator.measures.items() if n in indicator.ladder.names and n != "value"]
    if rated.value is not None:
        value += "".join(f", {m.label} {m.unit.show(measured(m, inputs.values))}" for m in further)
    if rated.score is None:
        result = "no such activity, left out" if rated.state == "no activity" else "missing, not scored"
        return _step(edition, indicator.label, value, result, scoring_words(indicator), mark)
    if indicator.id in inputs.scores:
        return _step(edition, indicator.label, value, f"score {rated.score:g} as given", "", mark)
    weighted = f"score {rated.score:g}, weight {indicator.weight:g}, weighted {rated.weighted:g}"
    return _step(edition, indicator.label, value, weighted, scoring_words(indicator), mark)


def weakest(indicator: Indicator) -> Mark:
    """The mark to quote for an indicator: that of its least certain number."""
    order = ("reconstructed", "inferred", "printed")
    marks = [indicator.weight_mark, *(limit.mark for limit in indicator.limits.values())]
    return min(marks, key=lambda mark: order.index(mark.provenance))


def _uncapped_step(rulebook: Rulebook, rating: Rating, domain: Domain, rated: DomainRating) -> TraceStep:
    edition, result = rulebook.edition, str(rated.uncapped_category)
    if domain.indicators:
        assert domain.bands is not None
        value = "" if rated.score is None else f"score {show_score(rated.score, domain.bands)}"
        left = [i.label for i in domain.indicators.values() if rated.indicators[i.id].state == "missing"]
        rule = ladder_words(domain.bands, {"score": "the score"}) if value else f"missing: {', '.join(left)}"
        return _step(edition, domain.title, value, result, rule, domain.bands.mark)
    if domain.labels is not None:
        names = {name: measure.label for name, measure in domain.measures.items()}
        fields = {name: rulebook.fields[name].label for name in domain.labels.names if name in rulebook.fields}
        rule = ladder_words(domain.labels, {**names, **fields})
        return _step(edition, domain.title, str(rated.label), result, rule, domain.mark)
    if domain.declared is not None:
        label = rulebook.fields[domain.declared].label
        return _step(edition, domain.title, "", result, f"as declared in {label!r}", domain.mark)
    parts = [f"{rulebook.domains[name].title}: {rating.domains[name].category}" for name in domain.lowest_of]
    return _step(edition, domain.title, "; ".join(parts), result, "the lowest of them", domain.mark)


def _rule_step(edition: Edition, domain: Domain, rule: OverRidingRule, rated: DomainRating) -> TraceStep:
    name = f"{domain.title}, over-riding rule"
    held = next((cap for cap in rated.caps if cap.id == rule.id), None)
    if held is None:
        gaps = [field for field in rule.fields if field in rated.missing]
        result = f"cannot be judged, {', '.join(gaps)} missing" if gaps else "does not apply"
    else:
        result = f"applies, best possible {held.best}{', and decides' if held.binding else ''}"
    return _step(edition, name, rule.label, result, "", rule.mark)


# --- rules in words --------------------------------------------------------------------------------------------------


def scoring_words(indicator: Indicator) -> str:
    """What scores what, in one line.

    >>> from pfexcel.rules.load import load_edition
    >>> scoring_words(load_edition("2011-12").rulebook("acute").indicators["ae_4h"])
    '3 if the value is at least 95%; 0 if the value is below 94%; otherwise 2'
    """
    labels = {
        name: "the value" if name == "value" else indicator.measures[name].label for name in indicator.ladder.names
    }
    return ladder_words(indicator.ladder, labels)


def ladder_words(ladder: Ladder, labels: Mapping[str, str]) -> str:
    """An ordered list of conditions as one sentence; `labels` says what is compared."""
    parts = []
    for step in ladder.steps:
        result = f"{step.score:g}" if step.score is not None else step.label or step.category
        if step.when is None:
            parts.append(f"otherwise {result}" if parts else str(result))
        else:
            parts.append(f"{result} if {language.words(step.when, speaker(labels, ladder.limits))}")
    return "; ".join(parts)


def speaker(labels: Mapping[str, str], limits: Mapping[str, Limit]) -> Callable[[ast.expr], str]:
    """How to say a side of a comparison: a label, or the limit (or arithmetic of limits) as a figure with its unit."""

    def say(node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in labels:
            return labels[node.id]
        names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
        if names and all(name in limits for name in names):
            values = {name: limits[name].value for name in names}
            figure = language.function(language.Expression("", node), [], values)()
            return limits[names[0]].unit.show(figure)
        if isinstance(node, ast.Constant):
            return str(node.value)
        return names[0].replace("_category", "").replace("_", " ") if names else ast.unparse(node)

    return say


def show_score(score: float, bands: Ladder) -> str:
    """A score with two decimals, or four where two would hide on which side of a band it lies.

    >>> from pfexcel.rules.load import load_edition
    >>> bands = load_edition("2011-12").rulebook("acute").domains["finance"].bands
    >>> show_score(2.9, bands), show_score(2.4004, bands)
    ('2.90', '2.4004')
    """
    shown = round(score, 2)
    hidden = any((shown <= v < score) or (score < v <= shown) for v in bands.values.values())
    return f"{score:.4f}" if hidden else f"{score:.2f}"
