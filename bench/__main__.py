"""Run every benchmark and print its ratio: python -m bench."""

from __future__ import annotations

from bench import functions, rating, recalculation, workbooks

for module in (rating, workbooks, recalculation, functions):
    for compared in module.run():
        print(compared, flush=True)
