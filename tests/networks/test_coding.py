"""Statements out of evidence: several coders, several labels, struck and selected rows."""

import datetime as dt

import numpy as np
import pytest

from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence import Evidence, store
from kayfabe.evidence.mapping import read_map
from kayfabe.instruments import instruments, judge, run
from kayfabe.networks import agreement, read_statements
from kayfabe.networks.coding import confidence_sql, one_value
from kayfabe.stats.reliability import krippendorff_alpha

# Krippendorff (2011), section C: four observers, twelve units, missing codes; alpha .743 nominal, .849 interval.
PUBLISHED = (
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
)


def test_alpha_is_the_published_one():
    unit, value = zip(*[(u, v) for coder in PUBLISHED for u, v in enumerate(coder) if v is not None], strict=True)
    assert krippendorff_alpha(np.array(unit), np.array(value), "nominal") == pytest.approx(0.743, abs=5e-4)
    assert krippendorff_alpha(np.array(unit), np.array(value), "interval") == pytest.approx(0.849, abs=5e-4)


def test_alpha_is_unknown_without_pairs_or_without_variation():
    assert krippendorff_alpha(np.array([1, 2, 3]), np.array([1, -1, 1])) is None
    for measure in ("interval", "nominal"):
        assert krippendorff_alpha(np.array([1, 1, 2, 2]), np.array([1, 1, 1, 1]), measure) is None


def evidence(rows, **extra):
    names = ("statement", "at", "actor", "issue", "stance", "coder")
    return Evidence.from_tables({"statements": dict(zip(names, zip(*rows, strict=True), strict=True)) | extra})


CODED = [
    ("s1", "2020-01-01", "A", "tax", 1.0, "c1"),
    ("s1", "2020-01-01", "A", "tax", 1.0, "c2"),
    ("s1", "2020-01-01", "A", "tax", -1.0, "c3"),
    ("s2", "2020-01-02", "B", "tax", 1.0, "c1"),
    ("s2", "2020-01-02", "B", "tax", -1.0, "c2"),
    ("s3", "2020-01-03", "B", "war", 0.5, "c1"),
]
CONFIDENCE = ["0.5", "1", "0.5", "0.9", "0.3", None]


@pytest.mark.parametrize(
    ("rule", "stances"),
    [
        ("agreed", [1, (0.9 - 0.3) / 1.2, 0.5]),  # a majority; none, so the weighted mean; one coder
        ("weighted", [(0.5 + 1 - 0.5) / 2, (0.9 - 0.3) / 1.2, 0.5]),
        ("each", [1, 1, -1, 1, -1, 0.5]),
    ],
)
def test_the_rule_for_several_coders(rule, stances):
    got = read_statements(evidence(CODED, confidence=CONFIDENCE), coders=rule)
    np.testing.assert_allclose(got.levels[got.level], stances)


def test_all_rows_stay_behind_an_agreed_value():
    got = read_statements(evidence(CODED))
    assert got.rows.tolist() == ["s1:c1;s1:c2;s1:c3", "s2:c1;s2:c2", "s3:c1"]


def test_agreement_of_the_coders():
    found = agreement(evidence(CODED))
    unit, value = np.array([1, 1, 1, 2, 2]), np.array([1, 1, -1, 1, -1])
    assert (found.coders, found.statements) == (3, 2)
    assert found.interval == pytest.approx(krippendorff_alpha(unit, value, "interval"))
    assert found.nominal == pytest.approx(krippendorff_alpha(unit, value, "nominal"))


def test_several_labels_stand_for_each():
    got = read_statements(
        evidence([("s1", "2020-01-01", "A", "tax; war", 1.0, "c1"), ("s2", "2020-01-02", "B;C", "war", 1.0, "c1")])
    )
    pairs = [(got.nodes[n], got.throughs[t]) for n, t in zip(got.node, got.through, strict=True)]
    assert sorted(pairs) == [("A", "tax"), ("A", "war"), ("B", "war"), ("C", "war")]


def test_days_issues_and_columns():
    known = evidence(CODED, party=["L", "L", "L", "R", "R", "R"])
    assert len(read_statements(known, since=dt.date(2020, 1, 2), until=dt.date(2020, 1, 2))) == 1
    assert read_statements(known, issue="WAR").nodes == ("B",)
    assert read_statements(known, nodes="party").nodes == ("L", "R")
    with pytest.raises(UnknownName):
        read_statements(known, nodes="partei")
    with pytest.raises(BadOption):
        read_statements(known, coders="best")


def test_row_order_does_not_matter():
    one, two = (read_statements(evidence(rows)) for rows in (CODED, CODED[::-1]))
    for name in ("at", "node", "through", "level", "rows"):
        assert getattr(one, name).tolist() == getattr(two, name).tolist()


def test_tables_of_machine_coders_come_in_by_a_map(tmp_path):
    (tmp_path / "map.toml").write_text(
        """table = "statements"
[columns]
statement = "id"
at = "date"
actor = "speaker"
issue = "topic"
stance = "label"
coder = "model"
[values.stance]
favor = 1
against = -1
none = 0
""",
        encoding="utf-8",
    )
    (tmp_path / "llm.csv").write_text(
        "id,date,speaker,topic,label,model,confidence\n1,2020-01-01,A,tax,favor,m1,0.9\n1,2020-01-01,A,tax,against,m2,0.3\n",
        encoding="utf-8",
    )
    store.add(tmp_path / "s.duckdb", [tmp_path / "llm.csv"], "statements", mapping=read_map(tmp_path / "map.toml"))
    known = Evidence.open(tmp_path / "s.duckdb")
    assert known.query("select coder, confidence from statements order by coder") == [("m1", "0.9"), ("m2", "0.3")]
    assert read_statements(known).levels.tolist() == [pytest.approx((0.9 - 0.3) / 1.2)]
    known.close()


def test_one_value_for_each_statement_is_the_agreed_one():
    known = evidence([*CODED, ("s4", "2020-01-04", "C", "tax", 0.0, "c1")], confidence=[*CONFIDENCE, "0.5"])
    given = f"(select *, {confidence_sql(known)} as weight from statements) as s"
    source = f"(select statement, actor, stance, weight as confidence from {given}) as t"
    got = dict(known.query(f"select statement, stance from ({one_value(source, 'statement, actor')}) as v order by statement"))
    known.close()
    assert got == {"s1": 1, "s2": pytest.approx((0.9 - 0.3) / 1.2), "s3": 0.5, "s4": 0}


def test_every_instrument_on_statements_takes_the_agreed_value_and_says_so():
    days = [f"2020-{m:02}-01" for m in range(1, 13)]
    rows = [(f"s{k}", day, "A", "tax", s, c) for k, day in enumerate(days) for c, s in (("c1", 1), ("c2", 1), ("c3", -1))]
    rows += [(f"b{k}", day, "B", "tax", -1, "c1") for k, day in enumerate(days)]
    for name, options in (("reversal", {"actor": "A"}), ("accord", {"actors": ["A", "B"], "claim": "aligned"})):
        known = evidence(rows)
        found = judge([run(instruments()[name], options, known)])[0]
        known.close()
        details = found.details.get("words_by_issue", found.details)
        assert details["coders"]["coders"] == 3
        assert details["coders"]["statements_coded_twice"] == 12
        assert details["coders"]["alpha_nominal"] == pytest.approx(1 - (2 / 3) / (2 * 24 * 12 / (36 * 35)))
        assert any("Krippendorff's alpha" in c and "more than half" in c for c in found.caveats)
        if name == "reversal":
            assert (found.details["reversals"], found.details["units"]) == (0, 12)
        else:
            assert details["raw_agreement"] == 0
