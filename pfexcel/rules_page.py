"""The tables of docs/rules.md, made from the editions, ladders and Monitor files: every rule in words, with its source.

`python -m pfexcel.rules_page`, in the project's folder, fills in each part of the page from `<!-- PART NAMES -->` to
`<!-- end -->`, where PART is a method of `_Page`; the words around them are written by hand.
"""

import ast
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pfexcel.engine.words import best_words, ladder_words, scoring_words
from pfexcel.rules import ladder, monitor
from pfexcel.rules.edition import Domain, Indicator, Ladder, Limit, Mark, Measure, OverRidingRule, Rulebook
from pfexcel.rules.expression import Expression
from pfexcel.rules.load import load_edition, shipped_editions
from pfexcel.rules.tables import cite
from pfexcel.rules.targets import words
from pfexcel.shipped import shipped

PROJECT = Path(__file__).parents[1]
PAGE = PROJECT / "docs" / "rules.md"
# How the worked cases name a source, in full or by a short form that their file explains, and write its places.
CALLED = {
    "IG11": (r"implementation guidance, April|\b001\b", r"\b[34]\.\d\b"),
    "MH11": (r"mental health annex", r"\b\d\d?(?: to \d\d)?\b"),
    "TFA12": (r"Aligning the|\b002\b", r"Escalation Process|Integration with[\w ]+?Framework|Introduction(?! to)"),
    "NPR08": (r"Developing the NHS Performance Regime|\b004\b|(?<!004, )\btable 8", r"table \d|\b1\d\d(?:-1\d\d)?\b"),
    "NOTES": (r"Notes on the sources", r"(?<=sections )\d|(?<=section )\d|(?<=\d and )\d"),
    "HFMA10": ("HFMA article of 4 December 2010", "$"), "HFMA12": (r"HFMA, Introduction|\b000\b", "$"),
    "SWB10": (r"SWBTB \(2/10\)", "$"), "SWB12": (r"SWBTB \(1/12\)", "$"), "OUH12": ("reporting template", "$"),
    "OUHF": (r"\bOUHF\b|risk rating sheet", "$"), "DHA11": ("dh_133164", "$"), "HSJ09": ("Health Service Journal", "$"),
}  # fmt: skip
Row = Sequence[str]
Place = tuple[str, str]  # the key of a source, and a paragraph, table or heading in it


class _Page:
    def __init__(self) -> None:
        self.editions = [load_edition(name) for name in shipped_editions()]
        self.books = [edition.rulebook(name) for edition in reversed(self.editions) for name in edition.trust_types]
        self.ratings = {name: monitor.load_monitor(*name.rsplit("-", 1)) for name in shipped(monitor.SHIPPED)}
        self.ladders = {name: ladder.load_ladder(name) for name in shipped(ladder.SHIPPED)}
        files = (*self.editions, *self.ladders.values(), *self.ratings.values())
        self.sources = {key: title for file in files for key, title in file.sources.items()}

    def having(self, *names: str, kind: str = "") -> list[tuple[Rulebook, Domain]]:
        return [(b, b.domains[n]) for n in names for b in self.books if n in b.domains and kind in ("", b.trust_type)]

    def joined(self, columns: str, found: Iterable[tuple[Row, Rulebook]], every: list[Rulebook]) -> list[str]:
        """A table of rows, the same ones joined into one that says where it holds, next to others that begin so."""
        grouped: dict[str, dict[Row, list[Rulebook]]] = {}
        for row, book in found:
            grouped.setdefault(row[0], {}).setdefault(row, []).append(book)
        oldest_first = (one for rows in grouped.values() for one in reversed(rows.items()))
        return _table(columns, [(row[0], self.where(books, every), *row[1:]) for row, books in oldest_first])

    def where(self, books: Sequence[Rulebook], every: Sequence[Rulebook]) -> str:
        said = []
        for edition in self.editions:
            own, meant = ([book.trust_type for book in some if book.edition is edition] for some in (books, every))
            said += [edition.id if len(own) == len(meant) else f"{edition.id} ({', '.join(own)})"] if own else []
        return "all" if len(books) == len(every) and len(said) > 1 else ", ".join(said)

    def scored(self, name: str, kind: str = "") -> list[str]:
        own = self.having(name, kind=kind)
        every = [book for book, _ in own]
        rows = [(_indicator(book, d, one), book) for book, d in own for one in d.indicators.values()]
        lines = self.joined("Indicator|Holds in|Weight|Worked out as|What scores what|Mark", rows, every)
        subs = [((s.label, f"{s.weight:g}%", _marks({"": s.mark})), b) for b, d in own for s in d.sub_domains.values()]
        lines += self.joined("Sub-domain|Holds in|Weight|Mark", subs, every) if subs else []
        whole = [(row, book) for book, d in own for row in (_bands("Category", d.bands), _weights(d))]
        return lines + self.joined("The whole|Holds in|In words|Mark", whole, every)

    def rules(self, *names: str) -> list[str]:
        rows = [(_rule(book, d, rule), book) for book, d in self.having(*names) for rule in d.over_riding]
        return self.joined("Rule|Holds in|Best possible|Applies if|Where data are missing|Mark", rows, self.books)

    def others(self, *names: str) -> list[str]:
        own = self.having(*names)
        rows = [(row, book) for book, domain in own for row in _others(book, domain)]
        return self.joined("Result|Holds in|Category|If|Mark", rows, [book for book, _ in own])

    def ladder(self, name: str) -> list[str]:
        one, rows = self.ladders[name], []
        for level in one.levels:
            leads = set(level.lead.values())
            lead = leads.pop() if len(leads) == 1 else "; ".join(f"{who}: {it}" for who, it in level.lead.items())
            steps = "; ".join(f"from {s.at} in a row: {s.step}" if s.at > 1 else s.step for s in level.steps)
            of = {"level": level.marks.table, **level.marks.own, **{s.step: s.marks.table for s in level.steps}}
            way, goes = level.escalation, ""
            if way is not None:
                due = f"by declaration{f', due after {way.at - 1}' if way.at else ''}"
                goes = f"{way.to}, {due if way.by_declaration else f'on {way.at} in a row'}"
                of |= {"escalation": way.marks.table, **way.marks.own}
            ends = "a declaration" if level.lifted_by == "declaration" else f"a report of {one.rules.recovery}"
            may = ("yes", ends) if level.declarable else ("no", "")
            rows.append((level.category, lead, steps, goes, *may, _marks(of)))
        lines = _table("Level|Led by|What is done|Escalates to|May be declared|What holds ends with|Mark", rows)
        for event in one.events.values():
            does = f"makes it {event.category}, and at once {event.step}, unless {event.spared_by}"
            does = f"makes {event.due} fall due, by declaration" if event.due else does
            lines.append(f"- A {event.label} {does} ({_marks({'event': event.marks.table, **event.marks.own})}).")
        return [*lines, *(f"- {remark.says} ({_marks({'': remark.marks.table})})." for remark in one.remarks), ""]

    def risk_rating(self, name: str) -> list[str]:
        one, rows = self.ratings[name], list[Row]()
        for i in one.indicators.values():
            mark = _marks({"weight": i.weight_mark, "form": i.ladder.mark}, i.limits)
            rows.append((i.label, one.criteria[str(i.sub_domain)].label, f"{i.weight:g}%", scoring_words(i), mark))
        lines = _table("Indicator|Criterion|Weight|What scores what|Mark", rows) if rows else []
        said = [_bands(of, it) for of, it in (("Each criterion", one.criterion_bands), ("Rating", one.bands)) if it]
        lines += _table("What is rated|In words|Mark", said) if said else []
        caps = [(rule.label, str(rule.best), "by rule", _marks({"": rule.mark})) for rule in one.over_riding]
        caps += [(f.label, f.best, "by declaration", _marks({"": f.marks.table})) for f in one.findings.values()]
        lines += _table("What limits it|Best possible|How|Mark", caps)
        meanings = ((m.rating, m.means, m.follows, _marks({"": m.marks.table})) for m in one.meanings.values())
        return lines + _table("Rating|Means|What follows|Mark", meanings)

    def source_list(self, page: str) -> list[str]:
        """Each source, place by place: under which headings of the page it is cited, and by which worked cases."""
        cases, lines, used = _cases(), list[str](), dict[Place, dict[str, None]]()
        for section in page.split("\n## ")[1:]:
            refs = re.findall(rf"\[((?:{'|'.join(self.sources)})[^]]*)\]\(#", section)
            for place in (place for ref in refs for place in _places(ref)):
                used.setdefault(place, {})[section.partition("\n")[0]] = None
        for key, title in ((key, title.partition(", section {}")[0]) for key, title in self.sources.items()):
            own, rows = {place for place in (*used, *cases) if place[0] == key}, list[Row]()
            for place in sorted(own, key=lambda it: ([float(n) for n in re.findall(r"\d+\.?\d*", it[1])], it)):
                told = (f"[{Path(f).name}](../{f}): {'; '.join(names)}" for f, names in cases.get(place, {}).items())
                full = cite(self.sources, Mark("", " ".join(place).strip())).removeprefix(title)
                what = f'<a id="{_anchor(place)}"></a>{full.strip(", ") or "the whole"}'
                rows.append((what, "; ".join(used.get(place, {})) or "not on this page", "<br>".join(told) or "none"))
            lines += [f"### {key}: {title}", "", *_table("Place|Cited under|Worked cases", rows)]
        return lines


def _table(columns: str, rows: Iterable[Row]) -> list[str]:
    heads = columns.split("|")
    return [*(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows)), ""]


def _marks(of: Mapping[str, Mark], limits: Mapping[str, Limit] | None = None) -> str:  # said once, where all agree
    said: dict[str, list[str]] = {}
    for name, mark in {**of, **{name: limit.mark for name, limit in (limits or {}).items()}}.items():
        link = f"[{mark.ref}](#{_anchor(_places(mark.ref)[0])})"
        said.setdefault(f"{mark.provenance} {link}", []).append(name.replace("_", " "))
    return "; ".join(f"{', '.join(names)}: {mark}" if len(said) > 1 else mark for mark, names in said.items())


def _indicator(book: Rulebook, domain: Domain, one: Indicator) -> Row:
    weight = f"{one.weight:g}{'%' if domain.percent_weights else ''}"
    mark = _marks({"weight": one.weight_mark, "form": one.ladder.mark}, one.limits)
    return one.label, weight, _worked_out(book, one), scoring_words(one), mark


def _bands(what: str, bands: Ladder | None) -> Row:
    assert bands is not None
    said = ladder_words(bands, {"score": "the score", "mean": "the weighted mean"})
    return what, said, _marks({"form": bands.mark}, bands.limits)


def _weights(one: Domain) -> Row:
    needed = f"{one.weight_needed:.0%} of what applies must be scored; a missing figure: {one.missing_is}"
    return (
        "Weights",
        f"{one.total_weight:g}{'%' if one.percent_weights else ''} in all; {needed}",
        _marks({"": one.mark}),
    )


def _rule(book: Rulebook, domain: Domain, rule: OverRidingRule) -> Row:
    how, mark = _worked_out(book, rule), _marks({"rule": rule.mark}, rule.limits)
    when = _words(rule.when, book, rule.measures, rule.limits) + (f" ({how})" if how else "")
    unknown = "does not apply" if rule.unknown_applies_not else "Not assessed"
    return f"{domain.title}: {rule.label}", best_words(book, rule), when, unknown, mark


def _others(book: Rulebook, domain: Domain) -> Iterable[Row]:
    limits = domain.labels.limits if domain.labels else {}
    mark = _marks({"rule": domain.mark}, limits)
    for step in domain.labels.steps if domain.labels else ():
        when = _words(step.when, book, domain.measures, limits) if step.when else "otherwise"
        yield str(step.label), str(step.category), when, mark
    if domain.declared is not None:
        yield domain.title, f"as entered in {book.fields[domain.declared].label!r}", "it is entered", mark
    if domain.lowest_of:
        lowest = f"the lowest of {' and '.join(book.domains[part].title for part in domain.lowest_of)}"
        yield domain.title, lowest, f"both are assessed, or one is {domain.scale.stands_from} or worse", mark


def _words(expression: Expression, book: Rulebook, measures: Mapping[str, Measure], limits: Mapping[str, Limit]) -> str:
    names = {name: entry.label for name, entry in {**book.edition.context, **book.fields, **measures}.items()}
    names |= {f"{domain.id}_category": domain.title for domain in book.domains.values()}
    names |= {name: limit.unit.show(limit.value) for name, limit in limits.items()}

    def say(node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return names[node.id]
        return str(node.value) if isinstance(node, ast.Constant) else words(Expression("", node), say)

    return words(expression, say)


def _worked_out(book: Rulebook, owner: Indicator | OverRidingRule) -> str:  # beside the value, what is no bare entry
    said = []
    for name, measure in owner.measures.items():
        if name == "value" or not isinstance(measure.expression.tree, ast.Name):
            how = _words(measure.expression, book, {}, owner.limits).replace(f"{owner.label}: ", "")
            said.append(how if name == "value" else f"{measure.label}: {how}")
    return "; ".join(said)


def _cases() -> dict[Place, dict[str, list[str]]]:  # the names of cases by file, under each place that they cite
    found: dict[Place, dict[str, list[str]]] = {}
    for path in sorted(PROJECT.glob("tests/cases*/*.toml")):
        file, name = tomllib.loads(path.read_text(encoding="utf-8")), path.relative_to(PROJECT).as_posix()
        for case in (one for value in file.values() if isinstance(value, list) for one in value if "name" in one):
            for place in _cited(case.get("cites") or case.get("source") or file.get("cites", "")):
                found.setdefault(place, {}).setdefault(name, []).append(case["name"])
    return found


def _cited(text: str) -> list[Place]:  # each place belongs to the source named last before it
    named = sorted((match.start(), key) for key, (name, _) in CALLED.items() for match in re.finditer(name, text, re.I))
    spans = zip(named, [*(start for start, _ in named[1:]), len(text)], strict=False)
    written = ((key, one) for (start, key), end in spans for one in re.findall(CALLED[key][1], text[start:end]))
    return list(dict.fromkeys(place for key, one in written for place in _places(f"{key} {one}")))


def _places(ref: str) -> list[Place]:  # the place of a reference; of a range of paragraphs each of them
    key, _, place = ref.partition(" ")
    first, _, last = place.replace(" to ", "-").partition("-")
    return [(key, str(one)) for one in (range(int(first), int(last) + 1) if last.isdigit() else [place])]


def _anchor(place: Place) -> str:
    return re.sub(r"[^a-z0-9]+", "-", " ".join(place).lower()).strip("-")


def fill(page: str) -> str:
    """The page with every part made anew, in their order: the list of sources counts what the parts before it cite."""
    for whole, name, names in re.findall(r"(<!-- ([a-z_]+)((?: [\w-]+)*) -->\n.*?<!-- end -->)", page, re.S):
        lines = getattr(_Page(), name)(*(names.split() or [page]))
        page = page.replace(whole, "\n".join([f"<!-- {name}{names} -->", "", *lines, "<!-- end -->"]))
    return page


if __name__ == "__main__":
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
