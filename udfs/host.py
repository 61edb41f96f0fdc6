"""What every spreadsheet program that calls the worksheet functions offers to the command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Check:
    """One thing that the functions need: what was found of it, and what to do where it does not serve."""

    what: str
    found: str
    action: str = ""

    @property
    def fine(self) -> bool:
        """Is there nothing to do?"""
        return not self.action


class Host(Protocol):
    """A spreadsheet program. Where something cannot be done here, a method raises ValueError with the reason."""

    name: str

    def build(self, out: Path, template: Path | None = None) -> list[Path]:
        """Write the files that users of this program need to a folder; the same files to the byte every time.

        `template` is the template workbook, for a program that needs it in another form.
        """
        ...

    def install(self) -> list[str]:
        """Set this computer's program up for the functions; returns what was done and what is left to do, in words."""
        ...

    def doctor(self) -> list[Check]:
        """Look at everything the functions need in this program."""
        ...
