"""What is known, in tables: the store, its queries, the bundled facts."""

from kayfabe.evidence.bundled import open_bundled, open_evidence
from kayfabe.evidence.engine import Evidence
from kayfabe.evidence.schema import TABLES, Column, Table

__all__ = ["TABLES", "Column", "Evidence", "Table", "open_bundled", "open_evidence"]
