"""Explorer of trained networks; tests/test_rooms.py has the order of its packages. Imports `train`."""
