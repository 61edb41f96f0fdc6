"""Random returns, and returns at every limit, made from a rulebook's own entries, measures and limits.

Nothing of an edition is typed in here: a figure that is to meet a limit is found by solving a measure for one of its
entries. Figures are decimals as a trust would enter them: money with up to three decimals, counts whole.
"""

from __future__ import annotations

import ast
import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from pfexcel.engine.inputs import broken_bound, measure_entry
from pfexcel.engine.rate import rate
from pfexcel.periods import period_of
from pfexcel.rules.edition import Domain, Edition, Field, Indicator, Limit, Measure, Rulebook
from pfexcel.rules.expression import Expression
from pfexcel.rules.unit import Unit

Return = dict[str, Any]
Figures = Mapping[str, Any]

SPELLINGS: tuple[Callable[[str], Any], ...] = (
    str,
    str.upper,
    str.lower,
    lambda text: {"Yes": True, "No": False}.get(text, text),
)
BLANKS = (None, "", "  ")
NO_NUMBERS = ("n/a", "12", "1,000", "£5", "-", "#REF!")
NO_CHOICES = ("maybe", "Yes ", "y", 1, 0.5)
NO_SCORES = (99, -1, 2.5, "3", "good")


def sample_period(edition: Edition) -> str:
    """The last period of an edition, in which the figures here meet the limits that depend on its days."""
    year = f"{edition.first_day.year}-{edition.last_day.year % 100:02d}"
    return f"{year}-Q4" if edition.frequency == "quarter" else f"{year}-M12"


def good_return(rulebook: Rulebook) -> Return:
    """A complete return with the best score of every indicator and the best category of every domain."""
    return dict(_workshop(rulebook).good)


def random_returns(
    rulebook: Rulebook, count: int, seed: int, dirty: bool = False, overrides: bool = False
) -> list[Return]:
    """`count` random returns, the same ones for the same seed.

    Nearly half are complete, a few nearly empty; about one entry in twelve is missing. From none to most of the figures
    lie at a limit or near it. `dirty` adds entries that must be refused, `overrides` measures and scores given by an
    indicator's name.
    """
    workshop = _workshop(rulebook)
    chance = random.Random(f"{seed} {rulebook.edition.id} {rulebook.trust_type}")
    return [_random_return(workshop, chance, dirty, overrides) for _ in range(count)]


def limit_returns(rulebook: Rulebook) -> Iterator[tuple[str, Return]]:
    """Complete returns by name, with one measure at, just under or just over what a condition compares it with.

    Also one for each choice of each entry, and for each scored domain the scores nearest to the limits of its bands.
    """
    workshop = _workshop(rulebook)
    for condition in workshop.conditions:
        yield from workshop.at_limits(condition)
    for entry in workshop.choices:
        for choice in entry.unit.choices:
            yield f"{entry.name} = {choice}", {**workshop.good, entry.name: choice}
    for domain in rulebook.scored:
        for name, scores in _scores_at_bands(domain):
            yield name, {**workshop.good, **scores}


# --- conditions and their solution -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Comparison:
    """A measure and what a condition compares it with."""

    measure: Measure
    other: Callable[[Figures], float]


@dataclass(frozen=True)
class Condition:
    """The comparisons of one condition, or of all the conditions of one indicator."""

    name: str
    comparisons: tuple[Comparison, ...]
    indicator: Indicator | None = None


class _Workshop:
    """What the entries of one rulebook need to become to meet its conditions."""

    def __init__(self, rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.period = sample_period(rulebook.edition)
        self.days = period_of(rulebook.edition, self.period).days_elapsed
        self.fields = {name: entry for name, entry in rulebook.fields.items() if entry.rated}
        self.numbers = [entry for entry in self.fields.values() if entry.unit.is_number]
        self.choices = [entry for entry in self.fields.values() if entry.unit.choices]
        conditions = list(_conditions(rulebook))
        measures = [c.measure for condition in conditions for c in condition.comparisons]
        self.divisors = {name for measure in measures for name in _divisors(measure.expression)}
        units = {entry.unit.id for entry in self.numbers if entry.name in self.divisors}
        self.sized = {entry.name for entry in self.numbers if entry.unit.id in units}
        self.pieces = {id(m): [_compiled(tree, m) for tree in _unfolded(m.expression.tree)] for m in measures}
        self.conditions: list[Condition] = []
        for condition in conditions:
            solvable = tuple(c for c in condition.comparisons if self.movable(c.measure))
            if solvable:
                self.conditions.append(replace(condition, comparisons=solvable))

    def quantum(self, unit: Unit) -> float:
        """A multiple for divisors of which every share, and every number of days, is a figure that can be entered."""
        return 1000.0 * self.days if _step(unit) < 1 else 10_000.0

    def movable(self, measure: Measure) -> list[Field]:
        return [self.fields[name] for name in measure.fields if name in self.fields and name not in self.divisors]

    def roots(self, comparison: Comparison, entry: Field, figures: Figures) -> list[tuple[float, float]]:
        """The values of an entry at which the measure meets the other side, each with the step that takes it over."""
        figures = {"days_elapsed": self.days, **figures}
        found: dict[float, float] = {}
        far, step = 1e6, _step(entry.unit)
        try:
            target = comparison.other(figures)
            for piece in self.pieces[id(comparison.measure)]:
                low, high = piece({**figures, entry.name: 0.0}), piece({**figures, entry.name: far})
                if low == high:
                    continue
                root = _to_step(far * (target - low) / (high - low), entry.unit)
                moved = {**figures, entry.name: root}
                met = comparison.measure.function(*(moved[name] for name in comparison.measure.fields))
                if abs(met - target) <= step * abs(high - low) / far:
                    found[root] = math.copysign(step, high - low)
        except (ZeroDivisionError, KeyError, ValueError):
            return []
        return list(found.items())

    def allowed(self, figures: Figures) -> bool:
        """Is every figure one that the rulebook accepts?"""
        return not any(
            broken_bound(entry, figures[entry.name])
            or (entry.not_above is not None and figures[entry.name] > figures[entry.not_above])
            for entry in self.numbers
        )

    def around(self, comparison: Comparison, base: Return) -> Iterator[tuple[str, Return]]:
        """`base` with the measure at, just under and just over the other side, by each entry that can move it."""
        for entry in self.movable(comparison.measure):
            for root, step in self.roots(comparison, entry, base):
                for kind, value in (("at", root), ("under", root - step), ("over", root + step)):
                    moved = {**base, entry.name: _to_step(value, entry.unit)}
                    if self.allowed(moved):
                        yield f"{comparison.measure.name} {kind} by {entry.name} {moved[entry.name]:g}", moved

    def at_limits(self, condition: Condition) -> Iterator[tuple[str, Return]]:
        """Each comparison at its limit, the others of the condition as in a good return and at their limits."""
        for comparison in condition.comparisons:
            others = [other for other in condition.comparisons if other is not comparison]
            bases = [("", self.good), *itertools.chain(*(self.around(other, self.good) for other in others))]
            for before, base in bases:
                for name, moved in self.around(comparison, base):
                    yield f"{condition.name}: {before} {name}", moved

    # --- a good return ---

    @cached_property
    def good(self) -> Return:
        figures: Return = {entry.name: entry.unit.choices[0] for entry in self.choices}
        for entry in self.numbers:
            usual = self.quantum(entry.unit) if entry.name in self.sized else 25.0
            if entry.unit.whole:
                usual = 0.0
            figures[entry.name] = _entered(entry, usual if entry.name in self.divisors else usual / 100)
            if entry.unit.id == "year":
                figures[entry.name] = float(self.rulebook.edition.first_day.year - 1)
        best = self.merit(figures)
        for condition in self.conditions * 2:
            for comparison in condition.comparisons:
                for entry in self.movable(comparison.measure):
                    for root, _ in self.roots(comparison, entry, figures):
                        for value in (root, root * 1.1, root * 0.9):
                            trial = {**figures, entry.name: _entered(entry, value)}
                            if self.allowed(trial) and self.merit(trial) > best:
                                figures, best = trial, self.merit(trial)
        for entry in self.choices:
            figures = max(({**figures, entry.name: choice} for choice in entry.unit.choices), key=self.merit)
        return figures

    def merit(self, figures: Figures) -> float:
        """The more, the better the scores and the categories."""
        rating = rate(self.rulebook.edition, self.rulebook.trust_type, figures, self.period)
        merit = 0.0
        for domain in self.rulebook.domains.values():
            rated = rating.domains[domain.id]
            merit -= domain.scale.ranks.get(rated.category.value, len(domain.scale.names))
            merit += sum(rated.indicators[i.id].score or 0 for i in domain.indicators.values())
        return merit


_workshops: dict[tuple[str, str], _Workshop] = {}


def _workshop(rulebook: Rulebook) -> _Workshop:
    key = (rulebook.edition.digest, rulebook.trust_type)
    if key not in _workshops:
        _workshops[key] = _Workshop(rulebook)
    return _workshops[key]


def _conditions(rulebook: Rulebook) -> Iterator[Condition]:
    for domain in rulebook.domains.values():
        for indicator in domain.indicators.values():
            steps = [step.when for step in indicator.ladder.steps if step.when is not None]
            yield Condition(indicator.id, tuple(_comparisons(steps, indicator.measures, indicator.limits)), indicator)
        if domain.labels is not None:
            steps = [step.when for step in domain.labels.steps if step.when is not None]
            yield Condition(domain.id, tuple(_comparisons(steps, domain.measures, domain.labels.limits)))
        for rule in domain.over_riding:
            yield Condition(rule.id, tuple(_comparisons([rule.when], rule.measures, rule.limits)))


def _comparisons(
    conditions: list[Expression], measures: Mapping[str, Measure], limits: Mapping[str, Limit]
) -> Iterator[Comparison]:
    numbers = {name: limit.value for name, limit in limits.items()}
    for node in itertools.chain(*(ast.walk(condition.tree) for condition in conditions)):
        if isinstance(node, ast.Compare):
            for left, right in itertools.pairwise((node.left, *node.comparators)):
                for one, other in ((left, right), (right, left)):
                    if isinstance(one, ast.Name) and one.id in measures:
                        yield Comparison(measures[one.id], _side(other, measures, numbers))


def _side(tree: ast.expr, measures: Mapping[str, Measure], limits: Mapping[str, float]) -> Callable[[Figures], float]:
    """One side of a comparison as a function of the entries."""
    code = compile(ast.Expression(tree), "side", "eval")
    used = [measures[node.id] for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in measures]

    def side(figures: Figures) -> float:
        worked_out = {m.name: m.function(*(figures[name] for name in m.fields)) for m in used}
        return eval(code, {}, {**limits, **worked_out})

    return side


def _divisors(expression: Expression) -> Iterator[str]:
    for node in ast.walk(expression.tree):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Name):
            yield node.right.id


def _unfolded(node: ast.expr) -> Iterator[ast.expr]:
    """The straight pieces that a measure is made of: each sign of an `abs`, each argument of a `min` or `max`."""
    match node:
        case ast.Call(func=ast.Name(id="abs"), args=[inner]):
            for piece in _unfolded(inner):
                yield piece
                yield ast.UnaryOp(ast.USub(), piece)
        case ast.Call(func=ast.Name(id="min" | "max"), args=args):
            for argument in args:
                yield from _unfolded(argument)
        case ast.BinOp(left=left, op=op, right=right):
            for one, other in itertools.product(list(_unfolded(left)), list(_unfolded(right))):
                yield ast.BinOp(one, op, other)
        case _:
            yield node


def _compiled(tree: ast.expr, measure: Measure) -> Callable[[Figures], float]:
    code = compile(ast.fix_missing_locations(ast.Expression(tree)), "piece", "eval")
    scope = {"sqrt": math.sqrt, **measure.limits}
    return lambda figures: eval(code, scope, figures)


def _step(unit: Unit) -> float:
    """The smallest difference between two figures as they are entered: what is counted comes whole."""
    return 1.0 if unit.whole or unit.words == "number" else 10.0**-unit.decimals


def _to_step(value: float, unit: Unit) -> float:
    return float(round(value, 0 if _step(unit) == 1 else unit.decimals))


def _bounded(entry: Field, value: float) -> float:
    if entry.above is not None:
        value = max(value, entry.above + _step(entry.unit))
    if entry.minimum is not None:
        value = max(value, entry.minimum)
    return value if entry.maximum is None else min(value, entry.maximum)


def _entered(entry: Field, value: float) -> float:
    """The figure nearest to a value that can be entered."""
    return _bounded(entry, _to_step(value, entry.unit))


def _scores_at_bands(domain: Domain) -> Iterator[tuple[str, Return]]:
    """For each limit of the bands the scores of the indicators that meet it, or come nearest from either side."""
    assert domain.bands is not None
    sums: dict[Fraction, Return] = {Fraction(0): {}}
    for indicator in domain.indicators.values():
        weight = Fraction(str(indicator.weight))
        sums = {
            total + weight * Fraction(str(score)): {**scores, f"{indicator.id}_score": score}
            for total, scores in sums.items()
            for score in indicator.scores
        }
    weights = sum(Fraction(str(indicator.weight)) for indicator in domain.indicators.values())
    for name, limit in domain.bands.limits.items():
        met = Fraction(str(limit.value)) * weights
        nearest = (
            ("at", [t for t in sums if t == met]),
            ("under", [t for t in sums if t < met]),
            ("over", [t for t in sums if t > met]),
        )
        for kind, totals in nearest:
            if totals:
                yield f"{domain.id} score {kind} {name}", sums[min(totals, key=lambda t: abs(t - met))]


# --- random returns --------------------------------------------------------------------------------------------------


def _random_return(workshop: _Workshop, chance: random.Random, dirty: bool, overrides: bool) -> Return:
    trouble = chance.choice((0.0, 0.1, 0.3, 0.8))
    figures = _random_figures(workshop, chance, trouble)
    given: Return = {entry.name: figures[entry.name] for entry in workshop.numbers}
    for entry in workshop.choices:
        choice = chance.choice(entry.unit.choices) if chance.random() < trouble / 2 else workshop.good[entry.name]
        given[entry.name] = chance.choice(SPELLINGS)(choice)
    if overrides:
        for indicator in workshop.rulebook.indicators.values():
            given |= _override(workshop, indicator, chance, dirty)
    if dirty:
        wrong = [entry for entry in workshop.fields.values() if chance.random() < 0.04]
        given |= {entry.name: _refused(entry, given, chance) for entry in wrong}
    missing = chance.choices((0.0, 0.05, 0.15, 0.9), (45, 35, 15, 5))[0]
    for name in list(given):
        if chance.random() < missing:
            del given[name]
        elif dirty and chance.random() < 0.02:
            given[name] = chance.choice(BLANKS)
    return given


def _random_figures(workshop: _Workshop, chance: random.Random, trouble: float) -> Return:
    """Figures of a trust of random size that the rulebook accepts; `trouble` is the share that moves to a limit."""
    size = 10 ** chance.uniform(-0.7, 0.7)
    exact = chance.random() < 0.6
    figures: Return = {}
    for entry in workshop.numbers:
        value = workshop.good[entry.name]
        if entry.name in workshop.sized:
            value *= size * chance.uniform(0.99, 1.01)
        if exact and entry.name in workshop.divisors:
            quantum = workshop.quantum(entry.unit) / 100
            value = max(round(value / quantum), 1) * quantum
        figures[entry.name] = _entered(entry, value)
    for condition in workshop.conditions:
        if chance.random() < (trouble if condition.indicator else trouble / 3):
            comparison = chance.choice(condition.comparisons)
            entry = chance.choice(workshop.movable(comparison.measure))
            roots = workshop.roots(comparison, entry, figures)
            for root, step in chance.sample(roots, min(len(roots), 1)):
                value = root + step * chance.choice((0, 0, -1, 1))
                if chance.random() < 0.6:
                    value = root + chance.gauss(0, 0.15) * (abs(root) or abs(figures[entry.name]) or 1)
                    value = round(value, chance.randint(0, 3))
                figures[entry.name] = _entered(entry, value)
    for indicator in workshop.rulebook.indicators.values():
        entries = [workshop.fields[name] for name in indicator.fields]
        if all(entry.above is None for entry in entries) and chance.random() < 0.03:
            zeros = entries if chance.random() < 0.6 else [e for e in entries if e.name in workshop.divisors]
            figures |= {entry.name: _entered(entry, 0.0) for entry in zeros}
    for entry in workshop.numbers:
        if entry.not_above is not None:
            figures[entry.name] = min(figures[entry.name], figures[entry.not_above])
    return figures


def _override(workshop: _Workshop, indicator: Indicator, chance: random.Random, dirty: bool) -> Return:
    """Sometimes an indicator's score, sometimes its measure near one of its limits."""
    given: Return = {}
    if chance.random() < 0.15:
        wrong = dirty and chance.random() < 0.2
        given[f"{indicator.id}_score"] = chance.choice(NO_SCORES if wrong else indicator.scores)
    if indicator.one_measure and chance.random() < 0.15:
        entry = measure_entry(workshop.rulebook, indicator)
        limit = chance.choice([limit.value for limit in indicator.limits.values()] or [0.0])
        value = limit + chance.choice((0, 0, 1e-9, -1e-9, 1e-11, -1e-11, 0.01, -0.01))
        given[indicator.id] = _bounded(entry, round(value) if entry.unit.whole else value)
        if dirty and chance.random() < 0.1:
            given[indicator.id] = _refused(entry, given, chance)
    return given


def _refused(entry: Field, given: Figures, chance: random.Random) -> Any:
    """What an entry may not be: text for a number, out of bounds, above its whole, none of the choices."""
    if not entry.unit.is_number:
        return chance.choice(NO_CHOICES)
    wrong: list[Any] = [chance.choice(NO_NUMBERS)]
    if entry.above is not None:
        wrong += [entry.above, entry.above - 1]
    if entry.minimum is not None:
        wrong.append(entry.minimum - 1)
    if entry.maximum is not None:
        wrong.append(entry.maximum + 1)
    if entry.unit.whole:
        wrong.append(0.5)
    if isinstance(whole := given.get(entry.not_above or ""), float):
        wrong.append(whole + 1)
    return chance.choice(wrong)
