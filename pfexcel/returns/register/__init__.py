"""The register: every file received, every return as entered, and what follows, in one SQLite file.

Nothing is overwritten or deleted: each change is an entry, known by the digest of its content. What stands is worked
out from the entries, never stored, so it does not depend on the order in which they came in: collating again, in two
processes, or merging two registers gives the same.

- The same file, by SHA-256, is read once. Its moment of receipt is the earliest; each name it came under is kept.
- A return is what was entered for a trust and period: values, comments, sign-off. The same content in another file is
  the same return, so an older copy of an SHA's workbook never brings back figures that were corrected since.
- For a trust and period the last received return stands that is not blank, in the order of (received, file name,
  SHA-256). The earlier ones are kept, with the differences.
- Each trust's returns stand for themselves: part-filled copies of one workbook and forms by trust merge by trust.
"""

from pfexcel.returns.register.notes import NOTES_OF_TRUSTS
from pfexcel.returns.register.receiving import received_from
from pfexcel.returns.register.records import (
    Difference,
    DomainResult,
    EnteredReturn,
    FileEntry,
    Note,
    OpenFinding,
    Publication,
    Receipt,
    Received,
    RegisteredReturn,
    TrustStatus,
    Version,
)
from pfexcel.returns.register.register import Register, merge
from pfexcel.returns.register.schema import RegisterError

__all__ = [
    "NOTES_OF_TRUSTS",
    "Difference",
    "DomainResult",
    "EnteredReturn",
    "FileEntry",
    "Note",
    "OpenFinding",
    "Publication",
    "Receipt",
    "Received",
    "Register",
    "RegisterError",
    "RegisteredReturn",
    "TrustStatus",
    "Version",
    "merge",
    "received_from",
]
