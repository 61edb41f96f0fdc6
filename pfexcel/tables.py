"""Tables of inputs and results as files: CSV, XLSX and Parquet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pfexcel.engine.inputs import is_blank

if TYPE_CHECKING:
    import pandas as pd

KINDS = (".csv", ".xlsx", ".parquet")


def read_table(path: Path) -> pd.DataFrame:
    """Read a table whose first row names the columns; ValueError says what is wrong with it."""
    import pandas as pd

    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"{path} is no table that can be read; give one of {', '.join(KINDS)}")
    if not path.is_file():
        raise ValueError(f"There is no file {path}; check the path")
    try:
        if kind == ".csv":
            return pd.read_csv(path, encoding="utf-8-sig")
        if kind == ".xlsx":
            return pd.read_excel(path, engine="calamine")
        return pd.read_parquet(path)
    except ImportError:
        raise ValueError(
            f"{path}: reading Parquet needs pyarrow; install it with pip install pfexcel[parquet]"
        ) from None
    except Exception as error:
        raise ValueError(f"{path} cannot be read as a table: {str(error).splitlines()[0]}") from None


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table beside `path` and rename it; text that a spreadsheet would take for a formula stays text."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise ValueError(f"{path} is no table that can be written; give one of {', '.join(KINDS)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        if kind == ".csv":
            safe_text(frame).to_csv(beside, index=False, encoding="utf-8-sig", lineterminator="\r\n")
        elif kind == ".xlsx":
            _write_xlsx(frame, beside)
        else:
            mixed = [column for column in frame.columns if frame[column].dtype == object]
            frame.astype(dict.fromkeys(mixed, "string")).to_parquet(beside, index=False)
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)


def _write_xlsx(frame: pd.DataFrame, path: Path) -> None:
    import pandas as pd

    options = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}
    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=options) as writer:
        frame.to_excel(writer, index=False, sheet_name="Ratings")


def safe_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The table with an apostrophe before any text that a spreadsheet would run as a formula."""

    def safe(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value

    text = [c for c in frame.columns if frame[c].dtype.kind not in "iufbM"]
    return frame.assign(**{str(c): frame[c].map(safe) for c in text})


def read_values(path: Path) -> dict[str, dict[str, Any]]:
    """Figures by ODS code from a table with a column `ods_code` (an extract of FIMS or Unify); blanks are left out."""
    frame = read_table(path)
    if "ods_code" not in frame.columns:
        raise ValueError(f"{path} has no column ods_code; it has {', '.join(str(c) for c in frame.columns)}")
    codes = frame["ods_code"].astype(str).str.strip().str.upper()
    repeated = codes[codes.duplicated()]
    if len(repeated):
        raise ValueError(f"{path} names {', '.join(sorted(set(repeated)))} more than once; keep one row a trust")
    return {
        code: {str(k): v for k, v in row.items() if k != "ods_code" and not is_blank(v)}
        for code, row in zip(codes, frame.to_dict("records"), strict=True)
    }
