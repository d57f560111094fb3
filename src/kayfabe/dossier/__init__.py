"""Findings out: the case as one self-contained HTML page that works offline."""

from kayfabe.dossier.build import build

__all__ = ["build"]
