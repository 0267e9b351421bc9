"""Sentences about test images: those that networks miss, and the label of one."""

from explorer.study.hard_images import Summary, label_errors
from train.data_sets import MNIST, DataSet


def summary(counts: Summary) -> str:
    """Numbers of test images that some and that all networks miss."""
    of_those = (
        f"; of those {counts.label_errors} are validated label errors"
        if counts.has_reviews
        else ""
    )
    return (
        f"So far {counts.missed:,} of {counts.images:,} test images are missed by some network of {counts.scope}, "
        f"{counts.always} by every one{of_those}."
    )


def test_image(index: int, label: int, data_set: DataSet = MNIST) -> str:
    """Number and label of a test image, and what reviewers said of a validated label error."""
    sentence = f"Test image {index}, labelled {data_set.classes[label]}."
    if index not in label_errors(data_set).index:
        return sentence
    votes = label_errors().loc[index]
    return (
        f"{sentence} A known label error: of 5 reviewers {votes.votes_given} chose {votes.given_label}, "
        f"{votes.votes_suspected} chose {votes.suspected_label}, {votes.votes_neither_or_both} neither or both."
    )
