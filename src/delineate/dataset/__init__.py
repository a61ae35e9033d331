"""A folder of scans and masks as cases: layouts find them, checks judge them, a fingerprint describes them."""
