"""The dashboard: one HTML file that opens from disk and asks nothing of a network."""

from pfexcel.publish.dashboard.page import dashboard_html

__all__ = ["dashboard_html"]
