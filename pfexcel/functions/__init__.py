"""The worksheet functions, whatever program calls them: name, arguments, help, answer, errors.

A host (Excel, LibreOffice Calc) hands over scalars and blocks of cells and shows what `call` answers.

>>> call("PF_FINANCE_RATING", [["ytd_surplus", "Planned surplus"]], [[120, 300]])
'Not assessed'
>>> call("pf_lead", [["Performing"], ["Challenged"]])
[['none'], ['SHA on behalf of the Department']]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pfexcel
from pfexcel.functions import ladders, rated
from pfexcel.functions.asked import DEFAULT_EDITION
from pfexcel.functions.cells import CODES, Cell, CellError, Grid

__all__ = ["CODES", "FUNCTIONS", "Argument", "Cell", "CellError", "Function", "Grid", "call"]


@dataclass(frozen=True)
class Argument:
    """An argument as a function wizard shows it."""

    name: str
    help: str
    optional: bool = False


@dataclass(frozen=True)
class Function:
    """A worksheet function: `answer` says what it gives and in which shape, `errors` which error means what."""

    name: str
    description: str
    arguments: tuple[Argument, ...]
    answer: str
    errors: str
    run: Callable[..., Cell | Grid]

    @property
    def required(self) -> int:
        """How many arguments cannot be left out; they come first."""
        return sum(not argument.optional for argument in self.arguments)

    @property
    def syntax(self) -> str:
        """The call as a manual writes it: `PF_ESCALATE(history, [ladder])`."""
        return f"{self.name}({', '.join(f'[{a.name}]' if a.optional else a.name for a in self.arguments)})"


FIELDS = Argument(
    "fields",
    "The headers: one row above the returns, or one column beside them. Names (ytd_income, ae_4h) or the labels of a "
    "return workbook; case, spaces and punctuation do not matter, and other headers are ignored.",
)
VALUES = Argument(
    "values",
    "The figures: one row a return under a header row, or one column a return beside a header column. Money in GBP "
    "thousand, shares as fractions, Yes or No.",
)
TRUST_TYPE = Argument(
    "trust_type", "acute (if left out), ambulance or mental-health. Wins over a column trust_type.", optional=True
)
EDITION = Argument(
    "edition", f"2009-10, 2010-11, {DEFAULT_EDITION} (if left out), 2012-13, or the path of a TOML file.", optional=True
)
A_RETURN = "One cell a return, in the direction of the returns"
A_CATEGORY = f"{A_RETURN}: a category, Not assessed where figures are missing"
UNUSABLE = (
    "#VALUE! where an entry is text for a number, out of bounds or not one of its choices, for a period outside the "
    "edition, and where the arguments do not fit; an error in an entry stays that error. PF_CHECK says why"
)
NO_FIGURES = f"#N/A where too many figures are missing; {UNUSABLE}"


def version() -> str:
    """The version of pfexcel and the edition it rates by if none is named.

    >>> version().endswith("edition 2011-12")
    True
    """
    return f"pfexcel {pfexcel.__version__}, edition {DEFAULT_EDITION}"


def _function(
    name: str, run: Callable[..., Cell | Grid], arguments: tuple[Argument, ...], answer: str, errors: str
) -> Function:
    return Function(name, (run.__doc__ or "").partition("\n\n")[0], arguments, answer, errors, run)


_CATALOGUE = (
    _function("PF_FINANCE_SCORE", rated.finance_score, (FIELDS, VALUES, EDITION), f"{A_RETURN}: a number", NO_FIGURES),
    _function("PF_FINANCE_RATING", rated.finance_rating, (FIELDS, VALUES, EDITION), A_CATEGORY, UNUSABLE),
    _function(
        "PF_QUALITY_SCORE",
        rated.quality_score,
        (FIELDS, VALUES, TRUST_TYPE, EDITION),
        f"{A_RETURN}: a number",
        NO_FIGURES,
    ),
    _function(
        "PF_QUALITY_RATING",
        rated.quality_rating,
        (FIELDS, VALUES, TRUST_TYPE, EDITION),
        A_CATEGORY,
        f"#N/A in 2009-10, which has one category for all; {UNUSABLE}",
    ),
    _function(
        "PF_INDICATOR",
        rated.indicator,
        (
            Argument("indicator", "An indicator's name (ae_4h) or its label in a return workbook."),
            FIELDS,
            VALUES,
            Argument("what", "value (if left out), score or weighted.", optional=True),
            TRUST_TYPE,
            EDITION,
        ),
        f"{A_RETURN}: a number",
        f"#N/A where figures are missing, where there was no such activity, and where the trust type lacks the "
        f"indicator; {UNUSABLE}",
    ),
    _function(
        "PF_ESCALATE",
        ladders.escalate,
        (
            Argument(
                "history",
                "Categories, oldest first: one row a trust, or one column for one trust. Blank and Not assessed are "
                "periods without a return.",
            ),
            Argument("ladder", "framework (if left out), tfa, regime-2008, or the path of a TOML file.", optional=True),
        ),
        "One cell a trust, under each other: a category",
        "#VALUE! for a text that is no category of the ladder; an error in a trust's history stays that error",
    ),
    _function(
        "PF_TFA_RAG",
        ladders.tfa_rag,
        (
            Argument("finance", "The finance category; a block of them for many trusts."),
            Argument("quality", "The quality category, likewise."),
            Argument("judgement", "The SHA's judgement: Green, Amber/Green, Amber/Red or Red.", optional=True),
            Argument(
                "submission_missed",
                "Was the overall application date missed? Yes, or No (if left out); an empty cell is not known.",
                optional=True,
            ),
        ),
        "As many cells as the largest block: a rating, Not assessed where it cannot be decided",
        "#VALUE! for a text that is no category, rating, Yes or No, and for blocks that differ in size; an error stays",
    ),
    _function(
        "PF_LEAD",
        ladders.lead,
        (Argument("category", "A category, or a block of them."),),
        "As many cells as categories: who leads, in words; none at Performing and Not assessed",
        "#VALUE! for a text that is no category; an error stays",
    ),
    _function(
        "PF_EXPLAIN",
        rated.explain,
        (FIELDS, VALUES, TRUST_TYPE, EDITION),
        "A table of four columns under a row of headings: step, value, result, rule and reference",
        "#VALUE! for more than one return, and where the arguments do not fit; an error in an entry stays that error",
    ),
    _function(
        "PF_CHECK",
        rated.check,
        (FIELDS, VALUES, TRUST_TYPE, EDITION),
        f"{A_RETURN}: a text, OK where nothing is wrong",
        "None: what would be an error is said in words",
    ),
    _function("PF_VERSION", version, (), "One cell: a text", "None"),
)

FUNCTIONS = {function.name: function for function in _CATALOGUE}
"""Every worksheet function by name, in the order in which manuals list them."""


def call(name: str, *arguments: Any) -> Cell | Grid:
    """Call a worksheet function with cells, as a sheet does; it never raises.

    Args:
        name: the function's name, in any case.
        arguments: each a scalar, a list of cells (a row) or a list of rows; None for one left out, and for an empty
            cell. A CellError, or a text such as `#N/A`, is a cell that holds an error.

    Returns:
        A scalar, or rows of cells. A CellError is an answer that a host shows as that error, with its sentence where it
        can.
    """
    function = FUNCTIONS.get(name.upper())
    if function is None:
        return CellError("#NAME?", f"there is no function {name}; use one of {', '.join(FUNCTIONS)}")
    try:
        while len(arguments) > len(function.arguments) and arguments[-1] is None:
            arguments = arguments[:-1]
        if not function.required <= len(arguments) <= len(function.arguments):
            raise ValueError(f"{function.name} was given {len(arguments)} arguments; write {function.syntax}")
        return function.run(*arguments)
    except CellError as error:
        return error
    except ValueError as error:
        return CellError("#VALUE!", " ".join(str(error).split()))
    except Exception as error:  # a cell can show no traceback, and a fault of ours must not pass for a rating
        return CellError("#VALUE!", f"pfexcel itself failed: {type(error).__name__}: {error}")
