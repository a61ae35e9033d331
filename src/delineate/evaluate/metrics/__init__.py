"""One metric per file; each registers itself in `delineate.evaluate.metric.METRICS`."""
