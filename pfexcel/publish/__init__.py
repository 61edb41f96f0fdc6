"""From the register to the published quarter: plain records, and the files written from them.

`pfexcel.publish(register, period, out)` publishes a period: calling this package is calling `publishing.publish`.
"""

import sys
from types import ModuleType
from typing import Any


class _Publish(ModuleType):
    def __call__(self, *arguments: Any, **named: Any) -> Any:
        from pfexcel.publish.publishing import publish

        return publish(*arguments, **named)


publish = sys.modules[__name__]
publish.__class__ = _Publish
