"""The VBA of the add-in and the template: a wrapper for each function of the registry, with its help for the wizard."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from pfexcel.functions import FUNCTIONS, Function

MODULES = ("pf_calls", "pf_help", "pf_links", "pf_python")
"""The modules that are the same whatever the registry holds."""

LONGEST_HELP = 255
"""As many characters as the function wizard takes for the help of a function or an argument."""

_MADE = "' Made from the registry of pfexcel; a change here goes with the next build."
_SOURCES = Path(__file__).parent / "vba"


def sources(xlwings_version: str) -> dict[str, str]:
    """The source of each module by name, in ASCII with the line ends of Windows.

    Args:
        xlwings_version: whose library the connection loads; its file names carry the version.

    Raises:
        ValueError: for help that is too long for the function wizard.
    """
    texts = {name: (_SOURCES / f"{name}.bas").read_text(encoding="ascii") for name in MODULES}
    texts["pf_functions"] = functions_module()
    texts["pf_descriptions"] = descriptions_module()
    texts["ThisWorkbook"] = (_SOURCES / "ThisWorkbook.cls").read_text(encoding="ascii")
    return {
        name: text.replace("XLWINGS_VERSION", xlwings_version).replace("\n", "\r\n") for name, text in texts.items()
    }


def functions_module() -> str:
    """The module with the worksheet functions."""
    parts = ["Option Explicit", _MADE, *(wrapper(function) for function in FUNCTIONS.values())]
    return "\n\n".join(parts) + "\n"


def descriptions_module() -> str:
    """The module that describes the functions and their arguments to the function wizard."""
    described = "\n".join(_described(function) for function in FUNCTIONS.values())
    everything = f"Public Sub PfDescribeAll()\n{described}\nEnd Sub"
    return "\n\n".join(["Option Explicit\nOption Private Module", _MADE, everything, _DESCRIBE]) + "\n"


def wrapper(function: Function) -> str:
    r"""The VBA function that a cell calls.

    >>> print(wrapper(FUNCTIONS["PF_ESCALATE"]))
    Public Function PF_ESCALATE(history As Variant, Optional ladder As Variant) As Variant
        If IsMissing(ladder) Then ladder = Empty
        PF_ESCALATE = PfAnswer("PF_ESCALATE", False, Array(history, ladder))
    End Function
    """
    declared = ", ".join(f"{'Optional ' if a.optional else ''}{a.name} As Variant" for a in function.arguments)
    missing = [f"    If IsMissing({a.name}) Then {a.name} = Empty" for a in function.arguments if a.optional]
    names = ", ".join(argument.name for argument in function.arguments)
    asked = f'    {function.name} = PfAnswer("{function.name}", {answers_in_words(function)}, Array({names}))'
    return "\n".join([f"Public Function {function.name}({declared}) As Variant", *missing, asked, "End Function"])


def answers_in_words(function: Function) -> bool:
    """Does the function say what is wrong in a text, in place of an error?

    >>> [name for name, function in FUNCTIONS.items() if answers_in_words(function)]
    ['PF_CHECK', 'PF_VERSION']
    """
    return function.errors.startswith("None")


_DESCRIBE = """\
Private Sub Describe(ByVal functionName As String, ByVal help As String, ByVal arguments As Variant)
    Dim macro As String

    macro = "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!" & functionName
    If UBound(arguments) < 0 Then
        Application.MacroOptions Macro:=macro, Description:=help, Category:="pfexcel"
    Else
        Application.MacroOptions Macro:=macro, Description:=help, Category:="pfexcel", ArgumentDescriptions:=arguments
    End If
End Sub"""


def _described(function: Function) -> str:
    helps = ", _\n        ".join(_text(argument.help) for argument in function.arguments)
    return f"    Describe {_text(function.name)}, {_text(function.description)}, _\n        Array({helps})"


def _text(words: str) -> str:
    """A text as VBA writes it; what has no ASCII sign is written with the nearest."""
    plain = words.translate({0x2013: "-", 0x2212: "-", 0x2019: "'", 0xA3: "GBP "})
    plain = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode("ascii")
    if len(plain) > LONGEST_HELP:
        raise ValueError(f"help of {len(plain)} characters is too long for Excel, which takes {LONGEST_HELP}: {plain}")
    return '"' + plain.replace('"', '""') + '"'
