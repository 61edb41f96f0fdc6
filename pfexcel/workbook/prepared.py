"""XlsxWriter's worksheet, which looks at the functions of a formula before it searches it for new ones."""

from __future__ import annotations

import re
from functools import lru_cache

from xlsxwriter.worksheet import Worksheet

_CALLED = re.compile(r"[\w.]+\(")
_PLAIN = Worksheet()


class PreparedWorksheet(Worksheet):
    """A worksheet that writes the same XML as XlsxWriter's own, sooner.

    XlsxWriter searches each formula for some hundred and fifty functions that are newer than the file format. Whether a
    function is one of them is asked once here.
    """

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        if "{" in formula[:2] or formula[-1:] == "}" or any(map(_is_new, _CALLED.findall(formula))):
            return super()._prepare_formula(formula, expand_future_functions)
        return formula[1:] if formula[:1] == "=" else formula


@lru_cache(maxsize=1024)
def _is_new(call: str) -> bool:
    """Does XlsxWriter write this otherwise than it stands: `XLOOKUP(` as `_xlfn.XLOOKUP(`?"""
    return _PLAIN._prepare_formula(call, True) != call or "_xlfn." in call
