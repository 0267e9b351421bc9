"""Findings of the study: results, their sentences (`wording`), tables and JSON records. Imports `explorer.runs` and below."""
