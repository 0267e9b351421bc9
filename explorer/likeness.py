"""Command `python -m explorer.likeness`: writes the statistics of MNIST's training digits, for `explorer.digits.typicality`."""

from explorer.digits.typicality import main, reference
from explorer.network import wording

if __name__ == "__main__":
    main()
    print(wording.badge(reference()))
