"""Published definitions beside ours, for `benchmarks/equality.py`; they are run, nothing of them is copied."""
