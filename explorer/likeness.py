"""Command `python -m explorer.likeness`: measures MNIST's training digits, for `explorer.digits.typicality`."""

from explorer.digits.typicality import main, words

if __name__ == "__main__":
    main()
    print(words())
