"""The upper half of the Dashboard: how many trusts stand in each category, and the scores by trust, with charts."""

from __future__ import annotations

from pfexcel.rules.edition import Domain
from pfexcel.workbook.dashboard_charts import Line, counts_chart, scores_chart
from pfexcel.workbook.dashboard_layout import Counts
from pfexcel.workbook.dashboard_page import EDGE, Page
from pfexcel.workbook.dashboard_workings import best_score, score
from pfexcel.workbook.layout import address


def write_glance(page: Page) -> None:
    """A table and a chart of counts for each scale, and the totals of the workbook."""
    page.sheet.band(page.layout.GLANCE, page.words["glance"])
    for counts in page.layout.counts:
        _write_counts(page, counts)
        _insert_counts(page, counts)
    _write_totals(page)


def _write_counts(page: Page, counts: Counts) -> None:
    """Categories down, domains across, counted on the Summary."""
    sheet, layout = page.sheet, page.layout
    rows = list(enumerate(counts.names, start=counts.header + 1))
    sheet.text(counts.header, layout.FINANCE, page.words["trusts"], "header")
    for row, name in rows:
        sheet.text(row, layout.FINANCE, name, "row")
    for column, domain in enumerate(counts.domains, start=layout.SHARES):
        sheet.text(counts.header, column, domain.title, "header_number")
        source = page.workings.source(domain.id)
        rated = [source.value(one) for one in page.job.returns]
        for row, name in rows:
            formula = f"=COUNTIFS({source.cells},{address(row, layout.FINANCE)})"
            sheet.formula(row, column, formula, rated.count(name), "row_number", "0")


def _insert_counts(page: Page, counts: Counts) -> None:
    layout, words, header = page.layout, page.words, counts.header
    right = layout.SHARES + len(counts.domains) - 1
    rows = enumerate(counts.names, start=header + 1)
    series = [(name, page.cells(row, layout.SHARES, row, right)) for row, name in rows]
    labels = page.cells(header, layout.SHARES, header, right)
    chart = counts_chart(page.styles, words["counts"], labels, series, len(counts.domains))
    size = layout.pixels(0, layout.SCORE) - EDGE, layout.tall(header, counts.last) - EDGE
    domains, categories = ", ".join(d.title for d in counts.domains), ", ".join(counts.names)
    page.insert(chart, header, 0, size, words["counts_picture"].format(domains=domains, categories=categories))


def _write_totals(page: Page) -> None:
    """The figures of the whole workbook, beside the counts."""
    sheet, layout, words, workings = page.sheet, page.layout, page.words, page.workings
    top, column, scale = layout.counts[0].header, layout.second_column, layout.deciding[0].scale
    places = workings.source("worst").cells
    found = [workings.worst(one) for one in page.job.returns]
    scores = workings.source("finance_score").cells if "finance_score" in workings.summary_columns else places
    left = f"{address(layout.first, layout.to_do)}:{address(page.end, layout.to_do)}"
    figures: list[tuple[str, str, int]] = [
        (words["trusts"], f"=COUNT({places})", len(found)),
        (
            words["or_worse"].format(category=scale.stands_from),
            f'=COUNTIFS({places},">={scale.stands + 1}")',
            sum(place > scale.stands for place in found),
        ),
        (
            words["unscored"],
            f"=COUNT({places})-COUNT({scores})",
            sum(score(one, "finance") is None for one in page.job.returns),
        ),
        (words["to_do"], f"=SUM({left})", sum(page.left.values())),
    ]
    sheet.text(top, column, words["all"], "header")
    sheet.text(top, column + 1, "", "header_number")
    for row, (label, formula, value) in enumerate(figures, start=top + 1):
        sheet.text(row, column, label, "row")
        sheet.formula(row, column + 1, formula, value, "strong_number", "#,##0")


def write_scores(page: Page) -> None:
    """A chart of scores by trust for each of the two scored halves, side by side."""
    layout, words = page.layout, page.words
    page.sheet.band(layout.scores, words["scores"])
    width = layout.pixels(0, layout.to_do) // 2
    height = layout.tall(layout.scores + 1, layout.attention - 2)
    for number, domain in enumerate(layout.charted):
        title = words["score"].format(domain=domain.title)
        lines = [
            Line(name, page.line(key))
            for name, key in zip(_limit_names(page, domain), layout.limits(domain), strict=True)
        ]
        values, axes = page.line(f"{domain.id}_score"), (words["trust_axis"], words["score_axis"])
        chart = scores_chart(page.styles, title, page.line("code"), values, lines, axes, best_score(domain))
        limits = "; ".join(line.name for line in lines)
        said = words["scores_picture"].format(score=title, limits=limits)
        page.insert(chart, layout.scores + 1, number * width, (width - EDGE, height - EDGE), said)


def _limit_names(page: Page, domain: Domain) -> list[str]:
    """What lies beyond the first limit and the last; between which categories any other lies."""
    assert domain.bands is not None
    categories, words = [step.category for step in domain.bands.steps], page.words
    names = []
    for name in domain.bands.limits:
        rank = next((n for n, step in enumerate(domain.bands.steps) if step.when and name in step.when.names), 0)
        above, below = categories[rank], categories[min(rank + 1, len(categories) - 1)]
        kind = "above" if rank == 0 else "below" if rank == len(categories) - 2 else "between"
        names.append(words[kind].format(above=above, below=below))
    return names
