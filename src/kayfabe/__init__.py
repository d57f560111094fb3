"""kayfabe: tests what political texts claim about relations."""

__version__ = "0.1.0"
