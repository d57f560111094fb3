"""Each definition that differs from Discourse Network Analyzer: both numbers, computed by hand."""

import numpy as np
import pytest

from kayfabe.errors import KayfabeError
from kayfabe.networks import Definition, coded, networks
from kayfabe.networks.polarisation import over_time
from kayfabe.networks.windows import moving


def made(rows, text=False):
    """Statements from (day, actor, issue, stance) tuples."""
    days, actors, issues, stances = zip(*rows, strict=True)
    level = np.array(stances, dtype=object if text else float)
    return coded(at=np.array(days, dtype="datetime64[us]"), node=actors, through=issues, level=level)


def both(statements, **options):
    """(kayfabe's matrix, DNA's matrix) of the first network."""
    return tuple(networks(statements, Definition(compat=c, **options))[0].matrix() for c in ("none", "dna"))


def test_cosine_is_a_cosine():
    # A = (tax+ 3, war+ 1), B = (tax+ 1): inner product 3, norms sqrt(10) and 1; DNA divides by 4 * 1 statements.
    rows = [("2020-01-01", "A", "tax", 1)] * 3 + [("2020-01-01", "A", "war", 1), ("2020-01-01", "B", "tax", 1)]
    ours, dna = both(made(rows), stance="congruence", normalise="cosine")
    assert ours[0, 1] == pytest.approx(3 / np.sqrt(10))
    assert dna[0, 1] == pytest.approx(3 / 4)


def test_identical_actors_have_cosine_one():
    rows = [("2020-01-01", a, i, s) for a in "AB" for i, s in (("x", 1), ("y", -1), ("z", 0.5))]
    for stance in ("congruence", "subtract", "ignore"):
        assert both(made(rows), stance=stance, normalise="cosine")[0][0, 1] == pytest.approx(1)


def test_weeks_and_months_belong_to_a_year():
    # the same statement in the second week of January 2020 and of January 2021: two months, not one
    rows = [("2020-01-08", "A", "tax", 1), ("2021-01-13", "A", "tax", 1), ("2020-01-08", "B", "tax", 1)]
    for within in ("week", "month"):
        ours, dna = both(made(rows), duplicates=within)
        assert (ours[0, 1], dna[0, 1]) == (2, 1)


def test_the_week_around_new_year_is_one_week():
    rows = [("2019-12-30", "A", "tax", 1), ("2020-01-02", "A", "tax", 1), ("2020-01-02", "B", "tax", 1)]
    assert both(made(rows), duplicates="week")[0][0, 1] == 1
    assert both(made(rows), duplicates="year")[0][0, 1] == 2


def test_silence_is_not_conflict():
    # A and B agree on tax; A also spoke twice on war, where B was silent
    rows = [("2020-01-01", "A", "tax", "for"), ("2020-01-01", "B", "tax", "for")] + [
        ("2020-01-01", "A", "war", "for")
    ] * 2
    ours, dna = both(made(rows, text=True), stance="conflict")
    assert (ours[0, 1], dna[0, 1]) == (0, 2)
    rows.append(("2020-01-01", "B", "war", "against"))
    assert both(made(rows, text=True), stance="conflict")[0][0, 1] == 2


def test_a_window_of_one_unit_is_not_an_instant():
    rows = [("2020-01-10", "A", "tax", 1), ("2020-06-10", "B", "tax", 1), ("2021-03-10", "A", "tax", 1)]
    statements = made(rows)
    ours = networks(statements, Definition(window="years"))
    dna = networks(statements, Definition(window="years", compat="dna"))
    assert [len(n.statements) for n in ours] == [2, 1]
    assert [len(n.statements) for n in dna] == [1, 0]
    assert [str(n.start)[:10] for n in ours] == ["2020-01-01", "2021-01-01"]


def test_the_triangular_kernel_falls_with_distance():
    at = np.array(["2020-01-01", "2020-01-16T12", "2020-01-31"], dtype="datetime64[us]")
    ours = moving(at, Definition(window="months", kernel="triangular"))[0].weight
    np.testing.assert_allclose(ours, [0, 1, 2 / 31], atol=1e-12)
    at = np.array(["2020-01-01", "2020-01-06", "2020-01-11"], dtype="datetime64[us]")
    dna = moving(at, Definition(window="days", width=10, kernel="triangular", compat="dna"))[0].weight
    np.testing.assert_allclose(dna, [0, 1, 2])  # |1 - u| grows beyond the middle


def test_kernel_windows_keep_no_loops_and_no_absent_actors():
    rows = [("2020-01-02", "A", "tax", 1), ("2020-01-20", "B", "tax", 1), ("2020-03-20", "C", "tax", 1)]
    ours = networks(made(rows), Definition(window="months", kernel="uniform"))
    assert [n.nodes for n in ours] == [("A", "B"), (), ("C",)]
    assert ours[0].matrix()[0, 0] == 0
    assert ours[0].matrix()[0, 1] == pytest.approx(0.5)  # sqrt(.5 * .5)
    dna = networks(made(rows), Definition(window="days", width=4, kernel="uniform", compat="dna"))
    assert all(n.nodes == ("A", "B", "C") for n in dna)
    assert dna[0].matrix()[0, 0] == pytest.approx(0.5)


def test_polarisation_sees_the_camps():
    # two pairs that agree inside and conflict across: perfectly polarised; the subtract network on both sides cannot tell
    rows = [("2020-01-01", a, i, s) for a, s in (("A", 1), ("B", 1), ("C", -1), ("D", -1)) for i in ("x", "y")]
    ours = over_time(made(rows), Definition())[0]
    dna = over_time(made(rows), Definition(compat="dna"))[0]
    assert ours.value == pytest.approx(1)
    assert ours.camp.tolist() == [0, 0, 1, 1]
    # subtract: 2 ties of +1 inside, 4 of -1 across (average-normalised): (2 - 4) / (2 * 6), whatever the camps
    assert dna.value == pytest.approx((2 - 4) / 12)


def test_the_average_in_kernel_windows_divides():
    # both speak in the window; A says the same again a year later, outside it
    rows = [("2020-01-02", "A", "tax", 1), ("2020-01-04", "B", "tax", 1), ("2021-01-04", "A", "tax", 1)]
    wanted = {"normalise": "average", "kernel": "uniform"}
    ours = networks(made(rows), Definition(window="months", **wanted))[0].matrix()
    dna = networks(made(rows), Definition(window="days", width=4, compat="dna", **wanted))[0].matrix()
    assert ours[0, 1] == pytest.approx(0.5 / np.sqrt(0.5))  # weight sqrt(.5 * .5) over the mean of both actors' weights
    assert dna[0, 1] == pytest.approx(0.5 * 2 / (2 + 1))  # times 2 / (x + x') over all time: fewer words, larger ties
    apart = [("2020-01-02", "A", "war", 1), ("2020-01-02", "B", "war", -1)]
    more = networks(made(rows + apart), Definition(window="days", width=4, compat="dna", **wanted))[0].matrix()
    assert more[0, 1] == pytest.approx(0.5 * (2 / 3 + 2 + 2))  # and disagreeing on another issue makes them closer


def test_windows_of_events_do_not_split_an_instant():
    # days 1, 1, 2, 3, 3, 3, 4: windows of three statements, whole instants at the end
    days = [1, 1, 2, 3, 3, 3, 4]
    rows = [(f"2020-01-0{d}", "ABCDEFG"[k], "tax", 1) for k, d in enumerate(days)]
    found = networks(made(rows), Definition(window="events", width=3))
    assert [(str(n.start)[9:10], str(n.stop)[9:10], "".join(n.nodes)) for n in found] == [
        ("1", "2", "ABC"), ("2", "3", "CDEF"), ("3", "3", "DEF")]  # fmt: skip
    assert [n.nodes for n in networks(made(rows[::-1]), Definition(window="events", width=3))] == [
        n.nodes for n in found
    ]
    assert networks(made(rows), Definition(window="events", width=8)) == []
    for wrong in ({"kernel": "uniform"}, {"compat": "dna"}):
        with pytest.raises(KayfabeError):
            Definition(window="events", width=3, **wrong)
