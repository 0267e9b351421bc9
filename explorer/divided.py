"""Command `python -m explorer.divided`: measures which test images divide the networks most, for `explorer.network.divided`."""

from explorer.network.divided import main
from explorer.runs import results

if __name__ == "__main__":
    main(results.load())
