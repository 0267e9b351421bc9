"""Command `python -m explorer.batches`: measures batch norm with its batches' own statistics, for `explorer.network.batch_statistics`."""

from explorer.network.batch_statistics import main
from explorer.runs import results

if __name__ == "__main__":
    main(results.load().core)
