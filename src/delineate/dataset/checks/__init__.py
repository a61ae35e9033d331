"""The checks: one file each, a function from a `Survey` to its problems, registered in `delineate.dataset.check`."""
