"""The folder of a Space: made, checked and uploaded. Imports neither `explorer` nor `train`."""
