"""Periods: quarters (`2011-12-Q3`) and months (`2012-13-M07`) of a financial year that begins on 1 April."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache

from pfexcel.rules.edition import Edition

_PATTERN = re.compile(r"([0-9]{4})-([0-9]{2})-(?:Q([1-4])|M(0[1-9]|1[0-2]))")


@dataclass(frozen=True)
class Period:
    """A quarter or a month of a financial year.

    >>> Period.parse("2011-12-Q3").last_day.isoformat(), Period.parse("2011-12-Q3").days_elapsed
    ('2011-12-31', 275)
    >>> Period.parse("2012-13-M07").label
    'October 2012'
    """

    text: str
    year: int
    months_elapsed: int
    frequency: str

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period; ValueError says what one looks like."""
        return _parse(str(text))

    @property
    def edition_id(self) -> str:
        """The financial year, as editions are named: `2011-12`."""
        return self.text[:7]

    @cached_property
    def last_day(self) -> date:
        month = (self.months_elapsed + 2) % 12 + 1
        year = self.year + (month < 4)
        return date(year, month, calendar.monthrange(year, month)[1])

    @cached_property
    def days_elapsed(self) -> int:
        """Calendar days from 1 April through the period's last day."""
        return (self.last_day - date(self.year, 4, 1)).days + 1

    @property
    def label(self) -> str:
        """In words: `Quarter 3, October to December 2011`, `October 2012`."""
        last = self.last_day
        if self.frequency == "month":
            return f"{last:%B} {last.year}"
        first = (last.replace(day=1) - timedelta(days=32)).replace(day=1)
        return f"Quarter {self.months_elapsed // 3}, {first:%B} to {last:%B} {last.year}"


@lru_cache(maxsize=256)
def _parse(text: str) -> Period:
    match = _PATTERN.fullmatch(text.strip())
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        raise ValueError(f"period {text!r} is unknown; write a quarter as 2011-12-Q3 or a month as 2012-13-M07")
    quarter, month = match[3], match[4]
    months = int(quarter) * 3 if quarter else int(month)
    return Period(match[0], int(match[1]), months, "quarter" if quarter else "month")


def period_of(edition: Edition, text: str | Period) -> Period:
    """Read a period of this edition.

    Raises:
        ValueError: where the period is not one of the edition's (another year, a month for a quarterly edition).
    """
    period = text if isinstance(text, Period) else Period.parse(str(text))
    fits = period.frequency == edition.frequency and edition.first_day <= period.last_day <= edition.last_day
    if not fits:
        what = "quarters" if edition.frequency == "quarter" else "months"
        first, last = (f"{day.day} {day:%B %Y}" for day in (edition.first_day, edition.last_day))
        raise ValueError(
            f"period {period.text} is outside edition {edition.id}, which has {what} from {first} to {last}"
        )
    return period
