"""Fast engine for a GPU: many networks stacked into one. Imports `train.loop` and below."""
