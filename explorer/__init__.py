"""The explorer of trained networks, its packages in the order of tests/test_rooms.py. Imports `train`."""
