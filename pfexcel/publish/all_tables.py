"""All tables of a publication, in the order of the workbook."""

from __future__ import annotations

from pfexcel.publish import count_tables, data_tables, rating_tables
from pfexcel.publish.publication import Publication
from pfexcel.publish.tables import Table

CSV_ONLY = ("indicator_id", "value", "unit")  # a column of figures of many units is for programs
LONG = ("explanations",)  # for the CSV files and the advance copies
ADVANCE_LEAVES_OUT = ("categories_by_type",)  # an SHA's trusts are not those of England
MAKERS = (
    count_tables.categories,
    count_tables.categories_by_sha,
    count_tables.categories_by_type,
    rating_tables.ratings,
    rating_tables.domain_scores,
    rating_tables.movements,
    rating_tables.interventions,
    rating_tables.over_riding_rules,
    count_tables.rag_numbers,
    rating_tables.rag,
    data_tables.data_quality,
    data_tables.not_returned,
    data_tables.findings,
    data_tables.indicators,
    data_tables.history,
    data_tables.rules,
    data_tables.explanations,
    data_tables.revisions,
)


def all_tables(publication: Publication) -> list[Table]:
    """Every table that has rows."""
    made = (make(publication) for make in MAKERS)
    return [one for one in made if one.rows]
