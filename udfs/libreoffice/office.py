"""LibreOffice as it is installed on this computer: where it is, its version, its extensions, and a trial of ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

PLACES = {
    "win32": ("LibreOffice*/program",),
    "darwin": ("LibreOffice*.app/Contents/MacOS",),
    "linux": ("usr/lib*/libreoffice/program", "opt/libreoffice*/program"),
}
_TRIAL = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"
 office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.spreadsheet"><office:body>
<office:spreadsheet><table:table table:name="Trial"><table:table-row>
<table:table-cell table:formula="of:=ORG.PFEXCEL.FUNCTIONS.PFVERSION()"/></table:table-row></table:table>
</office:spreadsheet></office:body></office:document>
"""


@dataclass(frozen=True)
class Trial:
    """What a function answered in LibreOffice, and LibreOffice's own Python; empty where it did not run."""

    answer: str
    python: str
    problem: str


class OfficeError(Exception):
    """LibreOffice did not do what was asked; the message is what it said."""


@dataclass(frozen=True)
class Office:
    """An installed LibreOffice by the folder of its programs."""

    folder: Path

    def version(self) -> tuple[int, ...]:
        """Its version (`25, 2, 3, 2`); empty where it does not say."""
        found = re.search(r"LibreOffice (\d+(?:\.\d+)*)", self.run("soffice", "--version"))
        return tuple(map(int, found[1].split("."))) if found else ()

    def extension(self, identifier: str) -> str | None:
        """The version of an installed extension; None where it is not installed."""
        try:
            said = self.run("unopkg", "list", *_for_all(), identifier)
        except OfficeError:
            return None
        found = re.search(r"Version: (\S+)", said)
        return found[1] if found else None

    def add_extension(self, file: Path) -> None:
        """Install an extension, in place of another version of it.

        Raises:
            OfficeError: where that fails, as it does while LibreOffice runs.
        """
        self.run("unopkg", "add", "--force", "--suppress-license", *_for_all(), str(file))

    def try_extension(self, extension: bytes) -> Trial:
        """Have `PF_VERSION` worked out by an extension, in a profile that is made for it and thrown away.

        Raises:
            OfficeError: where LibreOffice does not run.
        """
        with tempfile.TemporaryDirectory(prefix="pfexcel-", ignore_cleanup_errors=True) as name:
            folder = Path(name).resolve()
            with zipfile.ZipFile(BytesIO(extension)) as archive:
                archive.extractall(folder / "bundled" / "pfexcel")
            (folder / "trial.fods").write_text(_TRIAL, encoding="utf-8")
            self.run(
                "soffice",
                f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                f"-env:BUNDLED_EXTENSIONS={(folder / 'bundled').as_uri()}",
                *("--headless", "--norestore", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76"),
                *("--outdir", name, str(folder / "trial.fods")),
                environment={"PFEXCEL_REPORT": str(folder / "report.json")},
            )
            answer, report = folder / "trial.csv", folder / "report.json"
            said = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
            shown = answer.read_text(encoding="utf-8").strip().strip('"') if answer.is_file() else ""
            return Trial(shown, said.get("python", ""), said.get("problem", ""))

    def run(self, program: str, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run one of its programs and return what it printed.

        Raises:
            OfficeError: where it cannot be started, takes minutes, or fails.
        """
        # Variables of this Python's own would reach LibreOffice's.
        own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
        command = [str(_program(self.folder, program) or program), *arguments]
        try:
            ended = subprocess.run(
                command,
                env={**own, **(environment or {})},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=180,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise OfficeError(f"{program} did not end within three minutes") from None
        except OSError as error:
            raise OfficeError(f"{command[0]} cannot be started: {error.strerror}") from None
        if ended.returncode:
            raise OfficeError(" ".join((ended.stderr or ended.stdout).split()) or f"{program} failed without a word")
        return ended.stdout


def find_office() -> Office | None:
    """The LibreOffice on the path, else the newest in the places where its installers put it."""
    found = shutil.which("soffice") or shutil.which("libreoffice")
    folders = [Path(found).resolve().parent] if found else []
    return next((Office(folder) for folder in (*folders, *_standard_places()) if _program(folder, "unopkg")), None)


def _standard_places() -> Iterator[Path]:
    system = "linux" if sys.platform not in PLACES else sys.platform
    roots = {
        "win32": [Path(os.environ.get(name, "C:/Program Files")) for name in ("ProgramFiles", "ProgramFiles(x86)")],
        "darwin": [Path("/Applications"), Path.home() / "Applications"],
        "linux": [Path("/")],
    }[system]
    for root in roots:
        for pattern in PLACES[system]:
            yield from sorted(root.glob(pattern), reverse=True)


def _program(folder: Path, name: str) -> Path | None:
    """A program of LibreOffice; of the two that Windows has, the one that prints."""
    return next((path for end in (".com", ".exe", "") if (path := folder / f"{name}{end}").is_file()), None)


def _for_all() -> tuple[str, ...]:
    """An administrator of Linux or macOS can install extensions for all users alone."""
    return ("--shared",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
