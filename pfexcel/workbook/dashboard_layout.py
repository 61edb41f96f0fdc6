"""What the Dashboard shows of a workbook, and where: its domains, rows and columns. Both count from 0."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from pfexcel.rules.edition import Domain, Scale, SubDomain
from pfexcel.workbook import printing, summary_sheet
from pfexcel.workbook.formulas import NOT_ASSESSED
from pfexcel.workbook.job import Job
from pfexcel.workbook.layout import NOW, SHOWN

PERIODS = (*(str(number) for number in range(SHOWN)), NOW)
LAST = PERIODS[-2]
CHARTED = ("finance", "ipm")
_TALL, _WRAPPED, _HEADER = 18, 27.75, 54  # heights of rows in points


class Counts(NamedTuple):
    """A table and chart of counts: the categories and domains it has, its header row, and the last row of its chart."""

    names: tuple[str, ...]
    domains: list[Domain]
    header: int
    last: int


@dataclass(frozen=True, eq=False)
class DashboardLayout:
    """The Dashboard of a job.

    Printed: counts, charts, the table of trusts by need of attention with the shares of the finance sub-domains, the
    history. Beyond: from column `near` the lines of charts in that order, from `far` the trusts in the workbook's.
    """

    job: Job

    GLANCE = 4
    ORDER, CODE, NAME, WORST, SCORE, FINANCE, SHARES = range(7)

    # --- what there is ---

    @cached_property
    def domains(self) -> list[Domain]:
        """Every domain of the workbook, in the Summary's order."""
        return summary_sheet.domains_of(self.job)

    def domain(self, name: str) -> Domain | None:
        return next((domain for domain in self.domains if domain.id == name), None)

    @cached_property
    def groups(self) -> list[tuple[Scale, list[Domain]]]:
        """The domains by scale."""
        scales = {domain.scale.id: domain.scale for domain in self.domains}
        return [(scale, [d for d in self.domains if d.scale.id == scale.id]) for scale in scales.values()]

    @cached_property
    def deciding(self) -> list[Domain]:
        """The domains whose category decides the order: those of the first scale that escalate."""
        first = self.groups[0][1]
        return [domain for domain in first if domain.ladder] or first

    @cached_property
    def tracks(self) -> list[Domain]:
        """The domains that escalate."""
        return [domain for domain in self.domains if domain.ladder]

    @cached_property
    def second(self) -> Domain | None:
        """The deciding domain beside finance: quality of services, in 2009-10 overall."""
        return next((domain for domain in self.deciding if domain.id != "finance"), None)

    @cached_property
    def further(self) -> Domain | None:
        """The domain that escalates on a scale of its own: the way to foundation status."""
        return next((d for d in self.tracks if d.scale.id != self.deciding[0].scale.id), None)

    @cached_property
    def charted(self) -> list[Domain]:
        return [domain for domain in self.domains if domain.id in CHARTED and domain.bands is not None]

    @cached_property
    def sub_domains(self) -> dict[str, SubDomain]:
        """The finance sub-domains of every type of trust in the workbook."""
        owners = [one.rulebook.domains.get("finance") for one in self.job.returns]
        return {name: sub for owner in owners if owner is not None for name, sub in owner.sub_domains.items()}

    # --- columns ---

    @cached_property
    def second_column(self) -> int:
        """The column of the second deciding domain, after the shares of the finance sub-domains."""
        return self.SHARES + max(5, len(self.sub_domains), *(len(domains) for _, domains in self.groups))

    @property
    def measures(self) -> int:
        """The column of the integrated performance measures score."""
        return self.second_column + 1

    @property
    def to_do(self) -> int:
        """The last printed column: the entries left to do."""
        return self.measures + (1 if self.further is None else 2)

    @cached_property
    def widths(self) -> list[float]:
        shares = self.second_column - self.SHARES
        last = 12 if self.further is None else 13
        return [6.5, 7, 54, 24, 9, 24, *[11.5] * shares, 24, *[last] * (self.to_do - self.second_column)]

    def pixels(self, first: int, last: int) -> int:
        """The width of columns together."""
        return sum(map(printing.pixels, self.widths[first : last + 1]))

    @property
    def history_columns(self) -> dict[str, tuple[int, int, int]]:
        """The columns of the category in force last period, of the trend and of the category in force now, by domain.

        The second domain's category last period stands over three of the narrow columns of the shares.
        """
        column = self.second_column
        places = [
            (self.domain("finance"), (self.WORST, self.SCORE, self.FINANCE)),
            (self.second, (column - 4, column - 1, column)),
            (self.further, (column + 1, column + 2, column + 3)),
        ]
        return {domain.id: columns for domain, columns in places if domain is not None and domain.ladder}

    @property
    def near(self) -> int:
        """The column that gives, for each row of the table of trusts, the line of its trust in the workbook's order."""
        return self.to_do + 2

    @cached_property
    def near_columns(self) -> dict[str, int]:
        """The columns of the lines in order of need of attention, by key."""
        keys = ["line", "code"]
        for domain in self.charted:
            keys += [f"{domain.id}_score", *self.limits(domain)]
        keys += [f"{domain.id} {period}" for domain in self.tracks for period in PERIODS]
        return {key: self.near + number for number, key in enumerate(keys)}

    @staticmethod
    def limits(domain: Domain) -> list[str]:
        """The keys of the limits between the categories of a domain."""
        assert domain.bands is not None
        return [f"{domain.id} limit {name}" for name in domain.bands.limits]

    @property
    def far(self) -> int:
        return max(self.near_columns.values()) + 2

    # --- rows ---

    @cached_property
    def counts(self) -> list[Counts]:
        """The tables and charts of counts, one a scale, one under the other."""
        found, row = [], self.GLANCE + 1
        for scale, domains in self.groups:
            names = (*scale.names, NOT_ASSESSED)
            last = row + len(names) + (3 if len(domains) > 1 else 1)
            found.append(Counts(names, domains, row, last))
            row = last + 1
        return found

    @cached_property
    def scores(self) -> int:
        """The heading of the charts of scores."""
        return self.counts[-1].last + 2

    @cached_property
    def attention(self) -> int:
        """The heading of the table of trusts."""
        return self.scores + 20

    @property
    def first(self) -> int:
        """The first trust."""
        return self.attention + 4

    @property
    def history(self) -> int:
        """The heading of the history."""
        return self.first + len(self.job.returns) + 1

    @property
    def last(self) -> int:
        return self.history + 3 + len(self.job.returns)

    @cached_property
    def heights(self) -> dict[int, float]:
        """The height of every row under the title, in points."""
        heights: dict[int, float] = dict.fromkeys(range(3, self.last + 1), printing.PLAIN)
        for names, _, row, _ in self.counts:
            heights |= dict.fromkeys(range(row + 1, row + 1 + len(names)), _TALL) | {row: _HEADER}
        heights |= dict.fromkeys((self.GLANCE, self.scores, self.attention, self.history), _TALL)
        heights |= {self.first - 1: _HEADER, self.history + 2: _TALL}
        names = [one.trust.name for one in self.job.returns]
        is_long = any(printing.lines_of(name, self.widths[self.NAME]) > 1 for name in names)
        for start in (self.first, self.history + 4):
            heights |= dict.fromkeys(range(start, start + len(names)), _WRAPPED if is_long else _TALL)
        return heights

    @property
    def blocks(self) -> list[int]:
        """The headings of the parts that a printed page keeps together."""
        return [self.GLANCE, self.scores, self.attention, self.history]

    @cached_property
    def landscape(self) -> bool:
        """Is the longer side of the paper across? Not where a table would be torn that has room on the upright page."""
        room = printing.room_of(self.widths, landscape=True)
        longest = (self.attention, self.history - 1), (self.history, self.last)
        return all(self.tall(*rows) * 0.75 <= room for rows in longest)

    def tall(self, first: int, last: int) -> int:
        """The height of rows together, in pixels."""
        return int(sum(self.heights.get(row, printing.PLAIN) for row in range(first, last + 1)) * 4 / 3)
