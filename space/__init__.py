"""Folder of a Hugging Face Space: its preparation, checks and upload. Of `train` it imports only `errors` and `hub`, of `explorer` nothing."""
