"""Running the command line in this process: the fixture `run` gives a `Run`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest


class Answer(NamedTuple):
    status: int
    out: str
    err: str


Run = Callable[..., Answer]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line in this process."""
    from pfexcel import cli

    def call(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["pfexcel", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return Answer(int(ended.value.code or 0), out, err)

    return call


def refused(answer: Answer) -> str:
    """The one sentence that says why nothing could be done."""
    assert answer.status == 2
    assert answer.err.endswith("\n")
    assert answer.err.count("\n") == 1
    assert "Traceback" not in answer.out + answer.err
    return answer.err.strip()
