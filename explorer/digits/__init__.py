"""Images of digits, without any network: digits in pictures, preprocessing, corruptions, typicality, PNG. Imports nothing of `explorer`."""
