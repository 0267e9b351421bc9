"""The sentences that the tabs, the report and the endpoints make of what `explorer.study` computes, a module a subject.

Imports the computing modules of `explorer.study`; of those none imports it.
"""

from explorer.study.wording import (
    claims,
    comparison,
    grid,
    hard_images,
    published_table,
    row_comparisons,
)

__all__ = [
    "claims",
    "comparison",
    "grid",
    "hard_images",
    "published_table",
    "row_comparisons",
]
