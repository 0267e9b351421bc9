"""Images of digits, without any network: preprocessing, corruptions, typicality, PNG. Imports nothing of `explorer`."""
