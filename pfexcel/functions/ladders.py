"""The worksheet functions about escalation, who leads it, and the RAG rating of a tripartite formal agreement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pfexcel.engine.escalation import escalate as escalate_history
from pfexcel.engine.escalation import lead as lead_of
from pfexcel.engine.tfa import tfa_rag as rag_of
from pfexcel.functions.cells import Cell, CellError, Grid, answer, error_in, grid, refused, text

DEFAULT_LADDER = "framework"


def escalate(history: Any, ladder: Any = None) -> Cell | Grid:
    """The category now in force after a history of reported categories.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraphs 3.6 and 3.7.

    >>> escalate([["Performing", "Underperforming", ""], ["Performance under review"] * 3])
    [['Underperforming'], ['Underperforming']]
    """
    named = text(ladder, "ladder", DEFAULT_LADDER)
    rows = grid(history, "history")
    if len(rows[0]) == 1:
        rows = [[row[0] for row in rows]]

    def in_force(*reported: Cell) -> Cell:
        return str(escalate_history(reported, named)[-1].category)

    return answer([[_attempt(in_force, *row)] for row in rows])


def tfa_rag(finance: Any, quality: Any, judgement: Any = None, submission_missed: Any = None) -> Cell | Grid:
    """The red, amber or green rating of a trust's way to foundation status (tripartite formal agreement, 2012-13).

    Source: Aligning the Performance Management of TFAs with the NHS Performance Framework (April 2012), Integration
    with the NHS Performance Framework.

    >>> tfa_rag([["Performing"], ["Underperforming"]], "Performing", "Green")
    [['Green'], ['Red']]
    """
    blocks = {
        "finance": grid(finance, "finance"),
        "quality": grid(quality, "quality"),
        "judgement": [[None]] if judgement is None else grid(judgement, "judgement"),
        "submission_missed": [[False]] if submission_missed is None else grid(submission_missed, "submission_missed"),
    }
    sizes = {(len(block), len(block[0])) for block in blocks.values()} - {(1, 1)}
    if len(sizes) > 1:
        said = ", ".join(f"{name} {len(block)} by {len(block[0])}" for name, block in blocks.items())
        raise refused(f"the blocks differ in size ({said}); give blocks of one size, or one cell for all")
    height, width = sizes.pop() if sizes else (1, 1)

    def cell(block: Grid, row: int, column: int) -> Cell:
        return block[0][0] if len(block) == len(block[0]) == 1 else block[row][column]

    def rag(*cells: Cell) -> Cell:
        return str(rag_of(*cells))

    return answer(
        [
            [_attempt(rag, *(cell(block, row, column) for block in blocks.values())) for column in range(width)]
            for row in range(height)
        ]
    )


def lead(category: Any) -> Cell | Grid:
    """Who leads the intervention at a category.

    Source: The NHS Performance Framework: Implementation guidance (April 2011), paragraph 3.6.

    >>> lead([["Underperforming", "Performing"]])
    [['SHA', 'none']]
    """
    return answer([[_attempt(lead_of, cell) for cell in row] for row in grid(category, "category")])


def _attempt(function: Callable[..., Cell], *cells: Cell) -> Cell:
    """What a function answers of these cells; an error among them stays that error, and 0 stands for an empty cell."""
    for one in cells:
        error = error_in(one)
        if error is not None:
            return error
    given = [None if one == 0 and not isinstance(one, (bool, str)) else one for one in cells]
    try:
        return function(*given)
    except CellError as error:
        return error
    except ValueError as error:
        return refused(str(error))
