"""A visitor's trainings and session, from hyperparameters to messages for the page and for programs. Imports `explorer.network` and below."""
