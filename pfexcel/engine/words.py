"""Rules in words: what scores what, which category comes when."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping

from pfexcel.rules import targets as language
from pfexcel.rules.edition import Domain, Indicator, Ladder, Limit, Mark, OverRidingRule, Rulebook
from pfexcel.rules.expression import Expression


def scoring_words(indicator: Indicator) -> str:
    """What scores what, in one line.

    >>> from pfexcel.rules.load import load_edition
    >>> scoring_words(load_edition("2011-12").rulebook("acute").indicators["ae_4h"])
    '3 if the value is at least 95%; 0 if the value is below 94%; otherwise 2'
    """
    measures = indicator.measures
    return ladder_words(
        indicator.ladder, {n: "the value" if n == "value" else measures[n].label for n in indicator.ladder.names}
    )


def label_words(rulebook: Rulebook, domain: Domain) -> str:
    """Which label comes when, in a domain of labels."""
    assert domain.labels is not None
    names = {name: measure.label for name, measure in domain.measures.items()}
    fields = {name: rulebook.fields[name].label for name in domain.labels.names if name in rulebook.fields}
    return ladder_words(domain.labels, {**names, **fields})


def best_words(rulebook: Rulebook, rule: OverRidingRule) -> str:
    """The best category that an over-riding rule allows."""
    return rule.best or f"as declared in {rulebook.fields[str(rule.best_is)].label!r}"


def ladder_words(ladder: Ladder, labels: Mapping[str, str]) -> str:
    """An ordered list of conditions as one sentence; `labels` says what is compared."""
    parts = []
    for step in ladder.steps:
        result = f"{step.score:g}" if step.score is not None else step.label or step.category
        if step.when is None:
            parts.append(f"otherwise {result}" if parts else str(result))
        else:
            parts.append(f"{result} if {language.words(step.when, _speaker(labels, ladder.limits))}")
    return "; ".join(parts)


def _speaker(labels: Mapping[str, str], limits: Mapping[str, Limit]) -> Callable[[ast.expr], str]:
    """How to say a side of a comparison: a label, or a limit (or arithmetic of limits) as a figure with its unit."""

    def say(node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id in labels:
            return labels[node.id]
        names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
        if names and all(name in limits for name in names):
            values = {name: limits[name].value for name in names}
            figure = language.function(Expression("", node), [], values)()
            return limits[names[0]].unit.show(figure)
        return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node)

    return say


def weakest(indicator: Indicator) -> Mark:
    """The mark to quote for an indicator: that of its least certain number."""
    order = ("reconstructed", "inferred", "printed")
    marks = [indicator.weight_mark, *(limit.mark for limit in indicator.limits.values())]
    return min(marks, key=lambda mark: order.index(mark.provenance))


def show_score(score: float, bands: Ladder) -> str:
    """A score with two decimals, or four where two would hide on which side of a band it lies.

    >>> from pfexcel.rules.load import load_edition
    >>> bands = load_edition("2011-12").rulebook("acute").domains["finance"].bands
    >>> show_score(2.9, bands), show_score(2.4004, bands)
    ('2.90', '2.4004')
    """
    return f"{score:.{score_decimals(score, bands.values.values())}f}"


def score_decimals(score: float, limits: Iterable[float]) -> int:
    """How many decimals of a score to show: two, or four where two would hide on which side of a limit it lies."""
    shown = round(score, 2)
    return 4 if any((shown <= limit < score) or (score < limit <= shown) for limit in limits) else 2
