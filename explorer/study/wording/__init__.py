"""Sentences about the results of `explorer.study`, for the tabs, the report and the endpoints; a module per subject.

These modules import the computing modules of `explorer.study`, which do not import them.
"""

from explorer.study.wording import (
    claims,
    comparison,
    control,
    ensembles,
    families,
    finding,
    grid,
    hard_images,
    losses,
    observations,
    pair_matrix,
    published_table,
    replication,
    row_comparisons,
    values,
)

__all__ = [
    "claims",
    "comparison",
    "control",
    "ensembles",
    "families",
    "finding",
    "grid",
    "hard_images",
    "losses",
    "observations",
    "pair_matrix",
    "published_table",
    "replication",
    "row_comparisons",
    "values",
]
