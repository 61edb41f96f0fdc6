"""pfexcel: the NHS Performance Framework (2009 to 2013) as one rulebook, rated in Python and in spreadsheets.

>>> import pfexcel
>>> rating = pfexcel.rate("2011-12", "acute", {"ytd_surplus": 120, "forecast_income": 400000}, period="2011-12-Q3")
>>> rating.finance.category.value
'Not assessed'
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pfexcel.engine.bulk import rate_table
    from pfexcel.engine.declarations import Declaration, declared_in
    from pfexcel.engine.escalation import Stage, escalate, lead, quarter_ends
    from pfexcel.engine.monitor import financial_risk_rating, governance_risk_rating, mandatory_services_rating
    from pfexcel.engine.rate import rate
    from pfexcel.engine.sensitivity import Scenario, Sensitivity, sensitivity
    from pfexcel.engine.tfa import tfa_rag
    from pfexcel.model import Category, Finding, Rag, Rating
    from pfexcel.publish.publishing import publish
    from pfexcel.returns.collate import Collated, collate
    from pfexcel.returns.read import read_return
    from pfexcel.returns.register import Register
    from pfexcel.rules.load import load_edition
    from pfexcel.rules.problems import EditionError
    from pfexcel.workbook.generate import build_returns

__version__ = "0.1.0"

_HOMES = {
    "load_edition": "pfexcel.rules.load",
    "EditionError": "pfexcel.rules.problems",
    "rate": "pfexcel.engine.rate",
    "rate_table": "pfexcel.engine.bulk",
    "Declaration": "pfexcel.engine.declarations",
    "declared_in": "pfexcel.engine.declarations",
    "Stage": "pfexcel.engine.escalation",
    "escalate": "pfexcel.engine.escalation",
    "lead": "pfexcel.engine.escalation",
    "quarter_ends": "pfexcel.engine.escalation",
    "Scenario": "pfexcel.engine.sensitivity",
    "Sensitivity": "pfexcel.engine.sensitivity",
    "sensitivity": "pfexcel.engine.sensitivity",
    "tfa_rag": "pfexcel.engine.tfa",
    "financial_risk_rating": "pfexcel.engine.monitor",
    "governance_risk_rating": "pfexcel.engine.monitor",
    "mandatory_services_rating": "pfexcel.engine.monitor",
    "build_returns": "pfexcel.workbook.generate",
    "publish": "pfexcel.publish",
    "read_return": "pfexcel.returns.read",
    "Register": "pfexcel.returns.register",
    "collate": "pfexcel.returns.collate",
    "Collated": "pfexcel.returns.collate",
    "Category": "pfexcel.model",
    "Finding": "pfexcel.model",
    "Rag": "pfexcel.model",
    "Rating": "pfexcel.model",
}

__all__ = [
    "Category",
    "Collated",
    "Declaration",
    "EditionError",
    "Finding",
    "Rag",
    "Rating",
    "Register",
    "Scenario",
    "Sensitivity",
    "Stage",
    "build_returns",
    "collate",
    "declared_in",
    "escalate",
    "financial_risk_rating",
    "governance_risk_rating",
    "lead",
    "load_edition",
    "mandatory_services_rating",
    "publish",
    "quarter_ends",
    "rate",
    "rate_table",
    "read_return",
    "sensitivity",
    "tfa_rag",
]


def __getattr__(name: str) -> Any:
    """Import a public name's home when it is first used: `import pfexcel` itself stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'pfexcel' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
