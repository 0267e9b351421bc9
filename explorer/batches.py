"""Command `python -m explorer.batches`: measures accuracies of batch norm with the statistics of the batch, for `explorer.network.batch_statistics`."""

from explorer.network.batch_statistics import main
from explorer.runs import results

if __name__ == "__main__":
    main(results.load().core)
