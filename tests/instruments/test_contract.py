"""What every registered instrument must keep: size, power, invariances, abstention, determinism, portable SQL, documentation."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from kayfabe import dossier
from kayfabe.evidence import TABLES, Evidence
from kayfabe.evidence.dialect import check, to_spark
from kayfabe.instruments import World, instruments, judge, run
from kayfabe.instruments.declaration import SECTIONS
from kayfabe.models import INSTRUMENT_OF, Case, Claim, Question, Text, Verdict, to_json

WORLDS = 60
ALLOWED = 0.05 + 2 * np.sqrt(0.05 * 0.95 / WORLDS)
CONSTANT_IS_AN_ANSWER = {"universal"}  # a record without any exception is what its claim asserts
FOUR_CENTURIES = np.timedelta64(146097, "D")  # the Gregorian calendar repeats: same months, weekdays, leap years

every = pytest.mark.parametrize("instrument", list(instruments().values()), ids=list(instruments()))


def finding(instrument, world, tables=None, options=None, seed=0):
    evidence = Evidence.from_tables(world.tables if tables is None else tables)
    try:
        return judge([run(instrument, world.options if options is None else options, evidence, seed=seed)])[0]
    finally:
        evidence.close()


def verdicts(instrument, kind, worlds=WORLDS):
    rng = np.random.default_rng([2026, len(kind)])
    return [finding(instrument, instrument.world(kind, rng)).verdict for _ in range(worlds)]


def subset(tables, keep):
    """The same tables with only the rows that `keep(number of rows)` names."""
    picked = {}
    for name, columns in tables.items():
        index = keep(len(next(iter(columns.values()))))
        picked[name] = {
            c: np.asarray(v, dtype=object if isinstance(v, list) else None)[index] for c, v in columns.items()
        }
    return picked


@every
@pytest.mark.parametrize("kind", ["null", "margin"])
def test_supported_is_rare_without_an_effect_and_at_the_margin(instrument, kind):
    found = verdicts(instrument, kind)
    assert found.count(Verdict.SUPPORTED) / WORLDS <= ALLOWED


@every
def test_a_planted_effect_is_found_and_not_contradicted(instrument):
    found = verdicts(instrument, "planted")
    assert found.count(Verdict.SUPPORTED) / WORLDS >= 0.8
    assert found.count(Verdict.CONTRADICTED) / WORLDS <= ALLOWED


@every
@pytest.mark.parametrize("kind", ["null", "planted"])
def test_row_order_changes_nothing(instrument, kind):
    world = instrument.world(kind, np.random.default_rng(3))
    order = np.random.default_rng(4)
    shuffled = subset(world.tables, lambda n: order.permutation(n))
    assert to_json(finding(instrument, world)) == to_json(finding(instrument, world, shuffled))


@every
@pytest.mark.parametrize("kind", ["null", "planted"])
def test_names_change_nothing(instrument, kind):
    world = instrument.world(kind, np.random.default_rng(5))
    renamed, options = with_names(world, lambda name: "zz " + name)
    one, two = finding(instrument, world), finding(instrument, world, renamed, options)
    assert (one.verdict, one.estimate, one.interval, one.p_value, one.n) == (
        two.verdict,
        two.estimate,
        two.interval,
        two.p_value,
        two.n,
    )
    reversed_names, options = with_names(world, lambda name: "".join(chr(200 - ord(c)) for c in name))
    three = finding(instrument, world, reversed_names, options)
    assert three.verdict == one.verdict
    assert three.estimate == pytest.approx(one.estimate)


def with_names(world, new):
    columns_of_names = {"actor", "source", "target", "account", "outlet"}
    tables = {
        table: {c: [new(v) for v in values] if c in columns_of_names else values for c, values in columns.items()}
        for table, columns in world.tables.items()
    }
    options = {
        k: [new(x) for x in v] if k == "actors" else new(v) if k in ("actor", "toward") else v
        for k, v in world.options.items()
    }
    return tables, options


@every
@pytest.mark.parametrize("kind", ["null", "planted"])
def test_the_calendar_may_be_shifted(instrument, kind):
    world = instrument.world(kind, np.random.default_rng(6))
    shifted = {
        table: {
            c: np.asarray(v, dtype="datetime64[us]") + FOUR_CENTURIES if c == "at" else v for c, v in columns.items()
        }
        for table, columns in world.tables.items()
    }
    options = {k: later(v) for k, v in world.options.items()}
    one, two = finding(instrument, world), finding(instrument, world, shifted, options)
    assert (one.verdict, one.estimate, one.interval, one.p_value) == (
        two.verdict,
        two.estimate,
        two.interval,
        two.p_value,
    )


def later(value):
    """Days 400 years on, also in lists and as ISO texts."""
    if isinstance(value, list):
        return [later(v) for v in value]
    if isinstance(value, str) and value[:2] in ("19", "20") and value[4:5] == "-":
        return ",".join(later(dt.date.fromisoformat(v)).isoformat() for v in value.split(","))
    return value.replace(year=value.year + 400) if isinstance(value, dt.date) else value


@every
def test_empty_evidence_is_untested_and_says_what_to_add(instrument):
    world = instrument.world("planted", np.random.default_rng(7))
    empty = subset(world.tables, lambda n: slice(0, 0))
    found = finding(instrument, world, empty, acceptable(instrument, world))
    assert found.verdict == Verdict.UNTESTED
    assert "kayfabe evidence add" in found.reason


def acceptable(instrument, world):
    """The world's options with states in place of its own names, which only its rows make known."""
    states = iter(["FRA", "DEU", "ITA", "ESP", "POL"])
    return {
        k: [next(states) for _ in v] if k == "actors" else next(states) if k in ("actor", "toward") else v
        for k, v in world.options.items()
    }


@every
def test_one_row_decides_nothing(instrument):
    world = instrument.world("planted", np.random.default_rng(8))
    one = subset(world.tables, lambda n: slice(0, 1))
    found = finding(instrument, world, one, named_in(instrument, world, one))
    assert found.verdict in (Verdict.UNTESTED, Verdict.INCONCLUSIVE)


def named_in(instrument, world, tables):
    """The world's options where its names still occur in `tables`, else states."""
    known = {
        str(v)
        for columns in tables.values()
        for c, vs in columns.items()
        if c in ("actor", "source", "target")
        for v in vs
    }
    spare = acceptable(instrument, world)
    return {
        k: [x if x in known else y for x, y in zip(v, spare[k], strict=True)] if k == "actors"
        else (v if v in known else spare[k]) if k in ("actor", "toward") else v
        for k, v in world.options.items()
    }  # fmt: skip


@every
def test_constant_data_decide_nothing(instrument):
    if instrument.name in CONSTANT_IS_AN_ANSWER:
        pytest.skip("a record without any exception is what its claim asserts")
    world = instrument.world("planted", np.random.default_rng(9))
    constant = {
        table: {
            c: [values[0]] * len(values) if c in ("choice", "stance", "score", "value", "object", "text") else values
            for c, values in columns.items()
        }
        for table, columns in world.tables.items()
    }
    assert finding(instrument, world, constant).verdict in (Verdict.UNTESTED, Verdict.INCONCLUSIVE)


@every
def test_same_seed_same_bytes(instrument):
    world = instrument.world("planted", np.random.default_rng(10))
    assert to_json(finding(instrument, world, seed=3)) == to_json(finding(instrument, world, seed=3))


@every
def test_its_sql_is_portable(instrument):
    world = instrument.world("planted", np.random.default_rng(11))
    shown = finding(instrument, world).sql
    assert shown
    for sql in shown:
        query = sql.split(" -- ")[0]
        assert check(query) == query
        assert to_spark(query)


@every
def test_a_finding_names_rows_that_exist(instrument):
    world = instrument.world("planted", np.random.default_rng(12))
    evidence = Evidence.from_tables(world.tables)
    found = judge([run(instrument, world.options, evidence)])[0]
    assert 0 < len(found.evidence) <= 1000 <= max(1000, found.evidence_total)
    tables = [n.table for n in instrument.needs]
    for row in found.evidence[:50]:
        head, _, rest = row.partition(":")
        places = [(head, rest)] if head in TABLES else [(t, row) for t in tables]
        assert any(evidence.rows(table, [row_id]) for table, row_id in places), row
    evidence.close()


@every
def test_it_is_documented(instrument):
    method = instrument.method()
    for section in SECTIONS:
        assert len(method.get(section, "")) > 30, section
    assert any(c.isdigit() for c in method["References"])
    for option in instrument.options:
        assert option.help
    for kind in instrument.kinds:
        assert INSTRUMENT_OF[kind] == instrument.name
    for need in instrument.needs:
        assert set(need.columns) <= set(TABLES[need.table].names)
    page = Path(__file__).parents[2] / "docs" / "instruments" / f"{instrument.name}.md"
    assert method["Null"][:60] in " ".join(page.read_text(encoding="utf-8").split())


@every
def test_its_dossier_works_offline(instrument):
    world = instrument.world("planted", np.random.default_rng(13))
    evidence = Evidence.from_tables(world.tables)
    found = judge([run(instrument, world.options, evidence)])[0]
    words = "They are what the text says they are."
    claim = Claim(
        id="c1", start=0, end=len(words), text=words, kind=instrument.kinds[0], testable=True, instrument=instrument.name,
        question=Question(instrument=instrument.name, text=found.question, options={}),
    )  # fmt: skip
    case = Case(
        text=Text(text=words, title="T", language="en", source="t.txt", sha256="0" * 64), claims=[claim], findings={"c1": found},
        evidence={"store": "memory", "sha256": "0" * 64},
    )  # fmt: skip
    page = dossier.build(case, instruments(), evidence, str)
    assert instrument.charts(found)
    assert "<svg" in page
    for load in ('src="http', "src='http", "@import", 'rel="stylesheet"', "url(http"):
        assert load not in page
    evidence.close()


def test_worlds_are_what_the_declaration_says():
    assert all(isinstance(i.world("null", np.random.default_rng(0)), World) for i in instruments().values())
