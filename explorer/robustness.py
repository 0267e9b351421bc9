"""Command `python -m explorer.robustness`: measures accuracies of the grid's networks on corrupted digits, for `explorer.study.robustness`."""

from explorer.runs import results
from explorer.study.robustness import main

if __name__ == "__main__":
    main(results.load().core)
