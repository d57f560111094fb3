"""Text in, claims out: English and Russian, by rules that can be read and corrected in the data files."""

from kayfabe.read.by_model import ModelReader
from kayfabe.read.claims import read_claims
from kayfabe.read.deixis import Deixis, deixis
from kayfabe.read.load import load_text
from kayfabe.read.rhetoric import rhetoric
from kayfabe.read.server import ModelServer

__all__ = ["Deixis", "ModelReader", "ModelServer", "deixis", "load_text", "read_claims", "rhetoric"]
