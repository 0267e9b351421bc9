"""The sentences that the tabs, the report and the endpoints make of what `explorer.study` computes, a module a subject.

Imports the computing modules of `explorer.study`; of those none imports it.
"""

from explorer.study.wording import claims, comparison, grid, published_rows

__all__ = ["claims", "comparison", "grid", "published_rows"]
