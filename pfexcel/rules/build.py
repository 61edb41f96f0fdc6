"""From the tables of an edition file to the records of `edition.py`, with every name, weight and mark checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from pfexcel.rules.build_fields import FieldBuilder, known, limit_label
from pfexcel.rules.edition import (
    Domain,
    Edition,
    Field,
    Indicator,
    Ladder,
    Limit,
    Mark,
    Measure,
    OverRidingRule,
    Rulebook,
    Scale,
    Step,
    SubDomain,
    Unit,
)
from pfexcel.rules.expression import Expression
from pfexcel.rules.problems import EditionError, Problems

MAIN_SCALE = "framework"
PROVENANCES = ("printed", "inferred", "reconstructed")
_ROW_WORDS = {"weight", "sub_domain", "ref", "provenance", "marks"}


def build_edition(raw: Mapping[str, Any], origin: str, digest: str) -> Edition:
    """Make the edition of a parsed file.

    Raises:
        EditionError: with every problem found, each with its key and what to do.
    """
    problems = Problems()
    head = raw["edition"]
    builder = _EditionBuilder(raw, problems)
    rulebooks: dict[str, Rulebook] = {}
    edition = Edition(
        id=head["id"],
        title=head["title"],
        frequency=head["frequency"],
        first_day=head["first_day"],
        last_day=head["last_day"],
        sources=raw["sources"],
        scales=builder.scales,
        units=builder.units,
        context=builder.fields.context,
        rulebooks=rulebooks,
        digest=digest,
        origin=origin,
    )
    for trust_type in head["trust_types"]:
        rulebooks[trust_type] = builder.rulebook(edition, trust_type)
    builder.check_types()
    if problems.found:
        raise EditionError(origin, list(dict.fromkeys(problems.found)))
    return edition


class _EditionBuilder:
    def __init__(self, raw: Mapping[str, Any], problems: Problems) -> None:
        self.raw = raw
        self.problems = problems
        self.units = {
            name: Unit(id=name, **{**table, "choices": tuple(table.get("choices", ()))})
            for name, table in raw["units"].items()
        }
        self.scales = {
            name: Scale(name, tuple(table["names"]), table["stands_from"]) for name, table in raw["scales"].items()
        }
        self.fields = FieldBuilder(raw, self.units, problems)
        self.types: list[str] = raw["edition"]["trust_types"]

    # --- marks and limits ---

    def mark(self, table: Mapping[str, Any], number: str = "") -> Mark:
        """The mark of a number in a table: its own in `marks`, else the table's."""
        provenance, ref = table.get("provenance"), table.get("ref")
        own = table.get("marks", {}).get(number)
        if own is not None:
            provenance, _, ref = own.partition(" ")
        if not provenance or not ref:
            self.problems.add(
                f"{number or 'a rule'} has no provenance or no ref",
                'Add provenance = "printed", "inferred" or "reconstructed" and ref = "SOURCE PARAGRAPH"',
            )
            return Mark("reconstructed", "")
        if provenance not in PROVENANCES:
            self.problems.add(f"provenance {provenance!r} is unknown", f"Use one of {', '.join(PROVENANCES)}")
        if str(ref).partition(" ")[0] not in self.raw["sources"]:
            self.problems.add(f"ref {ref!r} names no source", "Begin it with a key of [sources], or add the source")
        return Mark(provenance, str(ref))

    def limits(self, tables: Mapping[str, Any]) -> dict[str, Limit]:
        """Limits written as tables: `limits.share = { is = 0.02, unit = "share", ref = ..., provenance = ... }`."""
        found = {}
        for name, table in tables.items():
            with self.problems.at("limits", name):
                unit = self.fields.unit(table["unit"])
                found[name] = Limit(name, float(table["is"]), unit, table["label"], self.mark(table, name))
        return found

    # --- ladders of conditions ---

    def ladder(
        self,
        steps: list[Mapping[str, Any]],
        names: Mapping[str, str],
        limits: Mapping[str, Limit],
        mark: Mark,
        scale: Scale,
    ) -> Ladder:
        """Read ordered conditions; `names` are what they may compare (name to kind) beside the limits."""
        read: list[Step] = []
        used: list[str] = []
        for position, step in enumerate(steps):
            last = position == len(steps) - 1
            with self.problems.at(str(position + 1)):
                when = self.fields.condition(step.get("when"), names, limits)
                if (step.get("when") is None) != last:
                    self.problems.add(
                        "the last line has a condition" if last else "a line before the last has no condition",
                        "Give every line but the last a `when`, so that always exactly one result comes out",
                    )
                if "category" in step:
                    self.check_category(step["category"], scale)
                score = float(step["score"]) if "score" in step else None
                read.append(Step(when, score, step.get("category"), step.get("label")))
                used += [n for n in (when.names if when else ()) if n not in limits]
        if read and any(step.when is None for step in read[:-1]):
            read = [step for step in read[:-1] if step.when is not None] + read[-1:]
        return Ladder(tuple(read), tuple(dict.fromkeys(used)), limits, mark)

    # --- one rulebook ---

    def rulebook(self, edition: Edition, trust_type: str) -> Rulebook:
        ids = {
            domain_id: self.row_ids(table, trust_type)
            for domain_id, table in self.raw["domains"].items()
            if "rows" in table and trust_type in table.get("types", self.types)
        }
        rows = [name for own in ids.values() for name in own]
        for name in sorted({name for name in rows if rows.count(name) > 1}):
            self.problems.add(f"indicator {name!r} has two rows for {trust_type}", "Keep one", "domains")
        sections, fields = self.fields.sections(trust_type, ids)
        domains: dict[str, Domain] = {}
        for domain_id, table in self.raw["domains"].items():
            if trust_type not in table.get("types", self.types) or ids.get(domain_id) == []:
                continue
            with self.problems.at("domains", domain_id):
                domains[domain_id] = self.domain(domain_id, table, trust_type, fields, domains)
        return Rulebook(edition, trust_type, sections, fields, domains)

    @staticmethod
    def row_ids(table: Mapping[str, Any], trust_type: str) -> list[str]:
        rows = table["rows"]
        return [*rows.get("every", {}), *rows.get(trust_type, {})]

    def domain(
        self,
        domain_id: str,
        table: Mapping[str, Any],
        trust_type: str,
        fields: Mapping[str, Any],
        before: Mapping[str, Domain],
    ) -> Domain:
        mark = self.mark(table)
        scale = self.scales.get(table.get("scale", MAIN_SCALE))
        if scale is None:
            self.problems.add(f"scale {table['scale']!r} is not defined", known("Use", self.scales), "scale")
            scale = self.scales[MAIN_SCALE]
        categories = {f"{name}_category": "category" for name in before}
        parts: dict[str, Any] = {}
        if "rows" in table:
            parts = self.scored(domain_id, table, trust_type, fields, scale)
        elif "labels" in table:
            problems = len(self.problems.found)
            measures = self.fields.measures(table.get("measures", {}), {}, fields, {})
            limits = self.limits(table.get("limits", {}))
            names = {**self.fields.kinds(fields, measures), **categories}
            with self.problems.at("labels"):
                ladder = self.ladder(table["labels"], names, limits, mark, scale)
            if len(self.problems.found) == problems:
                self.check_limits(limits, [step.when for step in ladder.steps], measures)
            parts = {"measures": measures, "labels": ladder}
        elif "declared" in table:
            self.check_declares("declared", table["declared"], fields, scale)
            parts = {"declared": table["declared"]}
        elif "lowest_of" in table:
            for name in table["lowest_of"]:
                if name not in before:
                    self.problems.add(f"{name!r} is no domain above", known("Use", before), "lowest_of")
            parts = {"lowest_of": tuple(name for name in table["lowest_of"] if name in before)}
        rules = tuple(
            self.over_riding(rule, fields, categories, scale)
            for rule in table.get("over_riding", ())
            if trust_type in rule.get("types", self.types)
        )
        if len({rule.id for rule in rules}) < len(rules):
            self.problems.add("two rules have one id", "Give each rule its own id", "over_riding")
        return Domain(
            id=domain_id,
            title=table["title"],
            mark=mark,
            scale=scale,
            over_riding=rules,
            missing_is=table.get("missing", "error"),
            ladder=table.get("ladder"),
            continues=table.get("continues"),
            **parts,
        )

    def check_category(self, name: str, scale: Scale) -> None:
        if name not in scale.names:
            self.problems.add(f"category {name!r} is unknown", known("Use", scale.names))

    def check_declares(
        self, key: str, name: str, fields: Mapping[str, Field], scale: Scale, apart: Iterable[str] = ()
    ) -> None:
        """An entry that declares a category is a choice of categories; `apart` are texts that never get here."""
        if name not in fields:
            self.problems.add(f"{name!r} is no entry", "Name an entry of a section", key)
            return
        choices = fields[name].unit.choices
        if not choices or not {*choices} <= {*scale.names, *apart}:
            self.problems.add(f"{name!r} does not always declare a category", known("Let it be", scale.names), key)

    def scored(
        self, domain_id: str, table: Mapping[str, Any], trust_type: str, fields: Mapping[str, Any], scale: Scale
    ) -> dict[str, Any]:
        indicators: dict[str, Indicator] = {}
        rows: list[Mapping[str, Any]] = []
        for group in ("every", trust_type):
            for indicator_id, row in table["rows"].get(group, {}).items():
                rows.append(row)
                with self.problems.at("rows", group, indicator_id):
                    built = self.indicator(domain_id, indicator_id, row, fields)
                    sub = row.get("sub_domain")
                    if sub not in (None, *table.get("sub_domains", {})):
                        self.problems.add(f"sub-domain {sub!r} is not defined", "Add it to sub_domains", "sub_domain")
                if built:
                    indicators[indicator_id] = built
        wanted = table["total_weight"]
        total = wanted.get(trust_type) if isinstance(wanted, dict) else wanted
        if total is None:
            self.problems.add(f"there is no total for {trust_type}", "Add it", "total_weight")
            total = 0
        else:
            self.check_sum(f"the weights for {trust_type}", (row["weight"] for row in rows), total, "total_weight")
        sub_domains: dict[str, SubDomain] = {}
        for sub_id, sub in table.get("sub_domains", {}).items():
            with self.problems.at("sub_domains", sub_id):
                sub_domains[sub_id] = SubDomain(sub_id, sub["label"], float(sub["weight"]), self.mark(sub, "weight"))
                own = (row["weight"] for row in rows if row.get("sub_domain") == sub_id)
                self.check_sum("the weights of its indicators", own, sub["weight"], "weight")
        return {
            "indicators": indicators,
            "sub_domains": sub_domains,
            "bands": self.bands(table["bands"], scale),
            "percent_weights": table["weights"] == "percent",
            "weight_needed": float(table["weight_needed"]),
            "total_weight": float(total),
        }

    def check_sum(self, what: str, weights: Iterable[float], wanted: float, key: str) -> None:
        total = math.fsum(weights)
        if abs(total - wanted) > 1e-9:
            self.problems.add(
                f"{what} add up to {total:g}, not {wanted:g}", "Change a weight, or the total if it is meant", key
            )

    def indicator(
        self, domain_id: str, indicator_id: str, row: Mapping[str, Any], fields: Mapping[str, Any]
    ) -> Indicator | None:
        table = self.raw["indicators"].get(indicator_id)
        if table is None:
            self.problems.add("this indicator is not defined", f"Add it to [indicators] as {indicator_id} = {{ ... }}")
            return None
        scoring = self.raw["scorings"].get(table["scoring"])
        if scoring is None:
            self.problems.add(f"scoring {table['scoring']!r} is not defined", known("Use", self.raw["scorings"]))
            return None
        numbers = {name: value for name, value in row.items() if name not in _ROW_WORDS}
        for name in row.get("marks", {}):
            if name != "weight" and name not in numbers:
                self.problems.add(f"marks names {name!r}, which is not in the row", "Correct the name", "marks")
        problems = len(self.problems.found)
        reading = self.fields.reading(indicator_id)
        tables = {**reading.get("measures", {}), **table.get("measures", {})}
        measures = self.fields.measures(tables, {"id": indicator_id, "label": table["label"]}, fields, numbers)
        if "value" not in tables and len(self.problems.found) == problems:
            self.problems.add("no measure is called value", "Give the indicator a reading or measures.value")
        if "value" not in measures:
            return None
        units = self.fields.limit_units(scoring["scores"], measures, numbers)
        limits = {
            name: Limit(name, float(number), units[name], limit_label(name, scoring["scores"]), self.mark(row, name))
            for name, number in numbers.items()
        }
        with self.problems.afresh("scorings", table["scoring"]):
            steps_mark = self.mark(scoring)
        names = self.fields.kinds({}, measures)
        with self.problems.at("scoring", table["scoring"]):
            ladder = self.ladder(scoring["scores"], names, limits, steps_mark, self.scales[MAIN_SCALE])
        if len(self.problems.found) == problems:
            self.check_limits(numbers, [step.when for step in ladder.steps], measures)
        gone = reading.get("not_applicable")
        return Indicator(
            id=indicator_id,
            label=table["label"],
            domain=domain_id,
            sub_domain=row.get("sub_domain"),
            weight=float(row["weight"]),
            weight_mark=self.mark(row, "weight"),
            measures=measures,
            ladder=ladder,
            fields=tuple(dict.fromkeys(f for m in measures.values() for f in m.fields if f in fields)),
            not_applicable=self.fields.condition(gone, names, {}),
        )

    def check_limits(
        self, limits: Iterable[str], rules: Iterable[Expression | None], measures: Mapping[str, Measure]
    ) -> None:
        """Each limit is used somewhere, and none stands in the way of a measure."""
        used = {name for rule in (*rules, *(m.expression for m in measures.values())) if rule for name in rule.names}
        for name in limits:
            if name in measures:
                self.problems.add(f"{name!r} is a measure too", "Call the limit something else", name)
            elif name not in used:
                self.problems.add(f"{name!r} is used by no rule", "Remove it, or correct its name", name)

    def bands(self, name: str, scale: Scale) -> Ladder | None:
        table = self.raw["bands"].get(name)
        if table is None:
            self.problems.add(f"bands {name!r} are not defined", known("Use", self.raw["bands"]), "bands")
            return None
        with self.problems.afresh("bands", name):
            problems = len(self.problems.found)
            unit = self.fields.unit("score")
            limits = {
                key: Limit(key, float(value), unit, key, self.mark(table, key))
                for key, value in table["limits"].items()
            }
            ladder = self.ladder(table["categories"], {"score": "number"}, limits, self.mark(table), scale)
            if len(self.problems.found) == problems:
                self.check_limits(limits, [step.when for step in ladder.steps], {})
            return ladder

    def over_riding(
        self, table: Mapping[str, Any], fields: Mapping[str, Any], categories: Mapping[str, str], scale: Scale
    ) -> OverRidingRule:
        with self.problems.at("over_riding", table["id"]):
            problems = len(self.problems.found)
            limits = self.limits(table.get("limits", {}))
            numbers = {name: limit.value for name, limit in limits.items()}
            measures = self.fields.measures(table.get("measures", {}), {}, fields, numbers)
            names = {**self.fields.kinds(fields, measures), **categories}
            when = self.fields.condition(table["when"], names, limits)
            best, best_is = table.get("best"), table.get("best_is")
            if (best is None) == (best_is is None):
                self.problems.add("needs either best or best_is", "Name a category, or the entry that declares one")
            if best is not None:
                self.check_category(best, scale)
            if len(self.problems.found) == problems:
                self.check_limits(limits, [when], measures)
                if best_is is not None:
                    apart = [text for name, text in (when.texts if when else ()) if name == best_is]
                    self.check_declares("best_is", best_is, fields, scale, apart)
            return OverRidingRule(
                id=table["id"],
                label=table["label"],
                measures=measures,
                limits=limits,
                when=when or self.fields.nothing,
                best=best,
                best_is=best_is,
                unknown_applies_not=table.get("unknown") == "does not apply",
                mark=self.mark(table),
            )

    # --- the whole file ---

    def check_types(self) -> None:
        """Rows, domains, sections, entries and rules are for types that the edition rates."""
        for group in ("domains", "sections"):
            for key, table in self.raw[group].items():
                parts = [table, *table.get("over_riding", ()), *table.get("fields", {}).values()]
                named = [("types", name) for part in parts for name in part.get("types", ())]
                named += [("rows", name) for name in table.get("rows", {}) if name != "every"]
                for where, name in named:
                    if name not in self.types:
                        what = f"{where} for {name!r}, which the edition does not rate"
                        do = "Add the type to edition.trust_types, or remove it here"
                        self.problems.add(what, do, group, key, where)
