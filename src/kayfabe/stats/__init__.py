"""Statistics on arrays: agreement, intervals, multiplicity, and the estimators of single instruments."""
