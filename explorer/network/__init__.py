"""Single networks: predictions, activations, attribution, weights, misclassified images, batch statistics. Imports `explorer.study` and below."""
