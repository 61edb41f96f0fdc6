"""What would change a rating: what the next score needs, and the points missing for the next category."""

import pytest

from pfexcel.engine.needs import need_words, next_scores, points_missing
from pfexcel.engine.needs import score as score_of
from pfexcel.rules.load import load_edition, shipped_editions

RULEBOOK = load_edition("2011-12").rulebook("acute")
ALL = [load_edition(name).rulebook(kind) for name in shipped_editions() for kind in load_edition(name).trust_types]


@pytest.mark.parametrize(
    ("indicator", "score", "words"),
    [
        ("ae_4h", 2.0, "For 3: at least 95%. "),
        ("ae_4h", 0.0, "For 2: at least 94%. "),
        ("debtor_days", 1.0, "For 2: at most 60 days. "),
        ("underlying_position", 1.0, "For 2: above −2%. "),
        ("ue_coordinated", 0.0, "For 2: at least 58.6 points. "),
        ("ae_4h", 3.0, ""),
        ("ae_4h", None, ""),
        ("mrsa", 0.0, ""),
        ("ae_data_completeness", 0.0, ""),
        ("ytd_operating", 2.0, ""),
    ],
)
def test_what_the_next_score_needs(indicator: str, score: float | None, words: str) -> None:
    assert need_words(RULEBOOK.indicators[indicator], score) == words


def test_the_limit_itself_scores_what_it_is_said_to() -> None:
    for rulebook in ALL:
        for indicator in rulebook.indicators.values():
            for better, words in next_scores(indicator).values():
                if not words.startswith("at "):
                    continue
                number = float("".join(c for c in words.replace("−", "-").replace(",", "") if c in "-.0123456789"))
                value = number / 100 if indicator.value.unit.percent else number
                assert score_of(indicator, value) == better, (rulebook.edition.id, indicator.id, words)


@pytest.mark.parametrize(
    ("score", "category", "words"),
    [
        (2.4, "Performance under review", "Less than 0.0001 points missing for Performing"),
        (2.25, "Performance under review", "More than 0.15 points missing for Performing"),
        (1.95, "Underperforming", "0.15 points missing for Performance under review"),
        (2.5, "Performing", ""),
        (None, "Not assessed", ""),
    ],
)
def test_points_missing_for_the_next_category(score: float | None, category: str, words: str) -> None:
    assert points_missing(RULEBOOK.domains["finance"], score, category) == words
