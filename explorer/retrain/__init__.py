"""A visitor's trainings and session, from hyperparameters to what page and program are answered. Imports `explorer.network` and below."""
