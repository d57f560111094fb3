"""What a discourse network is asked to be: one frozen, checked description."""

from __future__ import annotations

from dataclasses import dataclass

from kayfabe.errors import BadOption, KayfabeError

MODES = ("one-mode", "two-mode")
STANCES = {
    "one-mode": ("congruence", "conflict", "subtract", "ignore"),
    "two-mode": ("subtract", "ignore", "combine"),
}
NORMALISE = {"one-mode": ("none", "average", "jaccard", "cosine"), "two-mode": ("none", "activity", "prominence")}
DUPLICATES = ("include", "document", "week", "month", "year", "range")
WINDOWS = ("days", "weeks", "months", "years", "events")
KERNELS = ("none", "uniform", "triangular", "epanechnikov", "gaussian")
COMPAT = ("none", "dna")


@dataclass(frozen=True)
class Definition:
    """A discourse network.

    `mode` with `stance`: one-mode congruence, conflict, subtract or ignore; two-mode subtract, ignore or combine (empty:
    congruence and subtract). `duplicates`: within what a repeated statement counts once. `window` and `width`: moving
    windows of `width` units, one unit apart; `kernel` weighs statements by their distance from the middle of a window.
    `compat` "dna" gives the numbers of Discourse Network Analyzer 3.1.2 instead of the corrected definitions.
    """

    mode: str = "one-mode"
    stance: str = ""
    normalise: str = "none"
    duplicates: str = "include"
    window: str | None = None
    width: int = 1
    kernel: str = "none"
    compat: str = "none"

    def __post_init__(self) -> None:
        if self.mode in STANCES["one-mode"] and not self.stance:
            object.__setattr__(self, "stance", self.mode)
            object.__setattr__(self, "mode", "one-mode")
        _one_of("mode", self.mode, MODES)
        if not self.stance:
            object.__setattr__(self, "stance", STANCES[self.mode][0])
        _one_of("stance", self.stance, STANCES[self.mode])
        _one_of("normalise", self.normalise, NORMALISE[self.mode])
        _one_of("duplicates", self.duplicates, DUPLICATES)
        _one_of("kernel", self.kernel, KERNELS)
        _one_of("compat", self.compat, COMPAT)
        if self.window is not None:
            _one_of("window", self.window, WINDOWS)
        if self.window == "events" and self.kernel != "none":
            raise BadOption("kernel", self.kernel, "wants a window of days, weeks, months or years, not of events")
        if self.window == "events" and self.dna:
            raise KayfabeError(
                "--compat dna knows no windows of events, as their ties are broken at random there: leave out --compat."
            )
        if self.width < 1:
            raise BadOption("width", self.width, "wants a number of windows' units, 1 or more")
        if self.kernel != "none" and self.window is None:
            raise BadOption("kernel", self.kernel, "wants --window as well")
        if self.dna and self.kernel != "none" and self.normalise not in ("none", "average"):
            raise KayfabeError(
                "--compat dna normalises kernel windows by average or not at all: leave out --normalise or --compat."
            )

    @property
    def dna(self) -> bool:
        return self.compat == "dna"


def _one_of(option: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BadOption(option, value, "wants " + ", ".join(known[:-1]) + f" or {known[-1]}")
