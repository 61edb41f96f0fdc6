"""Timing what LibreOffice does in its own process: a macro in its profile that recalculates workbooks in turn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from tests.hosts import soffice, soffice_profile

# The pause lets go what an extension keeps for one calculation.
_MACRO = """Sub Measure(first, second, out, rounds)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  one = StarDesktop.loadComponentFromURL(first, "_blank", 0, hidden())
  other = StarDesktop.loadComponentFromURL(second, "_blank", 0, hidden())
  one.calculateAll()
  other.calculateAll()
  Open ConvertFromURL(out) For Output As #1
  For i = 1 To rounds
    Wait 300
    start = GetSystemTicks()
    one.calculateAll()
    middle = GetSystemTicks()
    other.calculateAll()
    Print #1, middle - start; " "; GetSystemTicks() - middle
  Next
  Close #1
  one.close(True)
  other.close(True)
  StarDesktop.terminate()
End Sub
"""


def recalculation_times(
    first: Path, second: Path, folder: Path, rounds: int, arguments: Sequence[str] = ()
) -> list[tuple[float, float]]:
    """The seconds that hard recalculations of two workbooks take, in turn; `arguments` go to LibreOffice."""
    out = folder / "times.txt"
    places = ",".join(f'"{path.as_uri()}"' for path in (first, second, out))
    macro = f"macro:///Standard.Bench.Measure({places},{rounds})"
    soffice(*arguments, macro, profile=_profile(folder / "profile"), timeout=1800)
    lines = [line.split() for line in out.read_text().splitlines()]
    return [(float(one) / 1000, float(other) / 1000) for one, other in lines]


def _profile(folder: Path) -> Path:
    """A profile with the macro in its standard library, which LibreOffice puts there when it first starts."""
    soffice("--terminate_after_init", profile=soffice_profile(folder))
    basic = folder / "user" / "basic"
    listed = '<library:library library:name="Standard" library:link="false"/>'
    flags = 'library:name="Standard" library:readonly="false" library:passwordprotected="false"'
    own = '<library:element library:name="Bench"/>'
    for kind, element in (("script", own), ("dialog", "")):
        _write_xml(basic / f"{kind}.xlc", "library", "libraries", "", listed)
        _write_xml(basic / "Standard" / f"{kind}.xlb", "library", "library", flags, element)
    module = 'script:name="Bench" script:language="StarBasic"'
    _write_xml(basic / "Standard" / "Bench.xba", "script", "module", module, escape(_MACRO))
    return folder


def _write_xml(path: Path, space: str, element: str, attributes: str, content: str) -> None:
    opened = f'<{space}:{element} xmlns:{space}="http://openoffice.org/2000/{space}" {attributes}>'
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{opened}{content}</{space}:{element}>\n'
    path.write_text(text, encoding="utf-8")
