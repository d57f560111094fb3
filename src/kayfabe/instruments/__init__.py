"""One question, one file: each instrument turns a question and evidence into a finding."""

from kayfabe.instruments.declaration import Chart, Instrument, Measured, Need, Option, Run, World
from kayfabe.instruments.registry import instrument, instruments
from kayfabe.instruments.running import run
from kayfabe.instruments.verdicts import Test, judge, versions

__all__ = [
    "Chart",
    "Instrument",
    "Measured",
    "Need",
    "Option",
    "Run",
    "Test",
    "World",
    "instrument",
    "instruments",
    "judge",
    "run",
    "versions",
]
