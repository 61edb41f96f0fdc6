"""The types of the functions' interface as LibreOffice reads them: a type library (.rdb) of one interface.

LibreOffice's SDK makes such a file from IDL with its compiler `unoidl-write`; this writes the same, so that the
extension can be built where there is no SDK. A test reads the file with the SDK's `unoidl-read`.

The format: a header, then entities (a kind, their parts), then names ending in NUL, then maps from name to entity. A
string is its length and its characters or, the second time, the offset of the first with the highest bit set.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

MODULE, INTERFACE = 0, 5
ANY, RANGE, BASE = "any", "com.sun.star.table.XCellRange", "com.sun.star.uno.XInterface"

Methods = Mapping[str, Sequence[tuple[str, str]]]
"""For each method its parameters: name and type. Every method returns `any`."""


class _Writer:
    def __init__(self) -> None:
        self.bytes = bytearray(b"UNOIDL\xff\0" + bytes(8) + b"\0** pfexcel **\0")
        self.strings: dict[str, int] = {}

    def number(self, value: int) -> None:
        self.bytes += struct.pack("<I", value)

    def string(self, text: str) -> None:
        if text in self.strings:
            self.number(self.strings[text] | 0x80000000)
            return
        self.strings[text] = len(self.bytes)
        self.number(len(text))
        self.bytes += text.encode("ascii")

    def interface(self, methods: Methods) -> int:
        """Write an interface without attributes or exceptions; returns where it stands."""
        offset = len(self.bytes)
        self.bytes.append(INTERFACE)
        self.number(1)
        self.string(BASE)
        self.number(0)
        self.number(0)
        self.number(len(methods))
        for name, parameters in methods.items():
            self.string(name)
            self.string(ANY)
            self.number(len(parameters))
            for parameter, kind in parameters:
                self.bytes.append(0)
                self.string(parameter)
                self.string(kind)
            self.number(0)
        return offset

    def name(self, text: str) -> int:
        offset = len(self.bytes)
        self.bytes += text.encode("ascii") + b"\0"
        return offset

    def module(self, name: int, entity: int) -> int:
        """Write a module that holds one entity; returns where it stands."""
        offset = len(self.bytes)
        self.bytes.append(MODULE)
        for value in (1, name, entity):
            self.number(value)
        return offset


def type_library(interface: str, methods: Methods) -> bytes:
    """The type library of one interface, named with its modules (`org.pfexcel.XPfFunctions`)."""
    *modules, last = interface.split(".")
    writer = _Writer()
    entity = writer.interface(methods)
    name = writer.name(last)
    for module in reversed(modules):
        entity = writer.module(name, entity)
        name = writer.name(module)
    root = len(writer.bytes)
    writer.number(name)
    writer.number(entity)
    writer.bytes[8:16] = struct.pack("<II", root, 1)
    return bytes(writer.bytes)
