"""The report and its figures: draws what other rooms computed, and never loads torch."""
