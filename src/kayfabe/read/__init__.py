"""Text in, claims out: English and Russian, by a small trained model and by rules that can be read and corrected in the data files."""

from kayfabe.read.by_model import ModelReader
from kayfabe.read.claims import read_claims
from kayfabe.read.deixis import Deixis, deixis
from kayfabe.read.load import load_text
from kayfabe.read.rhetoric import rhetoric
from kayfabe.read.server import ModelServer
from kayfabe.read.trained import reader_name, reader_note

__all__ = [
    "Deixis", "ModelReader", "ModelServer", "deixis", "load_text", "read_claims", "reader_name", "reader_note", "rhetoric",
]  # fmt: skip
