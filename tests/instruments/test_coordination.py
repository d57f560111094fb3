"""Coordination: counts against loops, tails against enumeration, step-up against its definition, and what the verdict must respect."""

import itertools

import numpy as np
import pytest

from kayfabe.errors import BadOption, UnknownName
from kayfabe.evidence import Evidence
from kayfabe.instruments import coordination, judge, run
from kayfabe.instruments.coordination import INSTRUMENT
from kayfabe.instruments.coordination_worlds import SMALL, Platform, Ring, simulate
from kayfabe.models import Verdict
from kayfabe.stats.coshare import Shares, grain, meetings, surroundings
from kayfabe.stats.coshare_analysis import analyse
from kayfabe.stats.coshare_tests import (
    attainable_step_up,
    discrete_step_up,
    point_tails,
    poisson_binomial,
    step_up,
)

WINDOW = 10


def quiet(*_):
    return None


def shares_of(seed, n=300, objects=5, accounts=12, span=4000):
    rng = np.random.default_rng(seed)
    return Shares.sorted(
        rng.integers(0, objects, n), rng.integers(0, accounts, n), rng.integers(0, span, n), 30 * WINDOW
    )


@pytest.mark.parametrize("seed", range(3))
def test_surroundings_count_others_in_rings_around_a_share(seed):
    shares = shares_of(seed)
    around = surroundings(shares, WINDOW, 1)
    for k in range(len(shares.obj)):
        others = (shares.obj == shares.obj[k]) & (shares.account != shares.account[k])
        distance = np.abs(shares.at - shares.at[k])[others]
        assert around.shoulder[k] == ((distance > WINDOW) & (distance <= 3 * WINDOW)).sum()
        assert around.rest[k] == ((distance > 3 * WINDOW) & (distance <= 30 * WINDOW)).sum()
        beyond = (distance > WINDOW) & (distance <= 30 * WINDOW)
        assert around.aged[k].tolist() == np.bincount(around.bin[others][beyond], minlength=8).tolist()


def test_a_ring_cannot_raise_its_own_chance():
    shares = shares_of(1)
    first = surroundings(shares, WINDOW, 1)
    k = int(np.argmax(first.shoulder))
    crowd = 40
    more = Shares.sorted(
        np.append(shares.obj, np.full(crowd, shares.obj[k])),
        np.append(shares.account, 100 + np.arange(crowd)),
        np.append(shares.at, np.full(crowd, shares.at[k])),
        shares.context,
    )
    again = np.flatnonzero(
        (more.obj == shares.obj[k]) & (more.at == shares.at[k]) & (more.account == shares.account[k])
    )
    assert surroundings(more, WINDOW, 1).shoulder[again] == first.shoulder[k]


@pytest.mark.parametrize(("most", "room"), [(10**9, 10**6), (700, 100), (1, 1)])
def test_meetings_are_those_of_a_loop(most, room):
    shares = shares_of(4)
    expected = {}
    for k, m in itertools.combinations(range(len(shares.obj)), 2):
        gap = abs(int(shares.at[k] - shares.at[m]))
        if shares.obj[k] == shares.obj[m] and shares.account[k] != shares.account[m] and gap <= shares.context:
            pair = tuple(sorted((int(shares.account[k]), int(shares.account[m]))))
            best, count = expected.setdefault(pair, {}).get(int(shares.obj[k]), (10**9, 0))
            expected[pair][int(shares.obj[k])] = (min(best, gap), count + 1)
    expected = {(p, o): v for p, objects in expected.items() if len(objects) >= 2 for o, v in objects.items()}
    met = meetings(shares, np.ones(len(shares.obj), dtype=bool), 12, quiet, most=most, room=room)
    found = {
        ((int(shares.account[k]), int(shares.account[m])), int(shares.obj[k])): (int(d), int(c))
        for k, m, d, c in zip(met.one, met.two, met.delay, met.count, strict=True)
    }
    assert found == expected
    numbers = dict(zip(found, met.pair.tolist(), strict=True))
    assert [numbers[k] for k in found] == sorted(numbers.values())
    assert {p: {n for (q, _), n in numbers.items() if q == p} for p, _ in found} == {
        p: {k} for k, p in enumerate(dict.fromkeys(p for p, _ in found))
    }
    assert (np.abs(shares.at[met.one] - shares.at[met.two]) == met.delay).all()


def test_poisson_binomial_tails_by_enumeration():
    rng = np.random.default_rng(0)
    n = np.array([2, 5, 3, 7])
    chances, first = rng.random(n.sum()), np.concatenate([[0], np.cumsum(n)[:-1]])
    tails = poisson_binomial(chances, first, n)
    for t, size in enumerate(n):
        own = chances[first[t] : first[t] + size]
        for s in range(size + 1):
            exact = sum(
                np.prod(np.where(x, own, 1 - own)) for x in itertools.product([0, 1], repeat=int(size)) if sum(x) >= s
            )
            assert tails.values[tails.start[t] + s] == pytest.approx(exact)


def test_points_of_uncertain_chances_by_enumeration():
    rng = np.random.default_rng(1)
    n = np.array([2, 5, 3])
    chances, tight, first = rng.random(10) / 2, rng.random(10), np.array([0, 2, 7])
    nodes, weights = np.polynomial.hermite_e.hermegauss(5)
    tails = point_tails(chances, tight, first, n, 0.75, 5)
    for t, size in enumerate(n):
        some = slice(first[t], first[t] + size)
        law = np.zeros(3 * size + 1)
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            odds = chances[some] / (1 - chances[some]) * np.exp(0.75 * node)
            p = odds / (1 + odds)
            each = np.stack([1 - p, p * (1 - tight[some]), p * tight[some]])
            for x in itertools.product(range(3), repeat=int(size)):
                law[sum((0, 2, 3)[k] for k in x)] += weight * np.prod(each[x, np.arange(size)])
        seen = tails.values[tails.start[t] : tails.start[t] + 3 * size + 1]
        assert seen == pytest.approx(np.cumsum(law[::-1])[::-1])


@pytest.mark.parametrize("step", [1, 30])
def test_level_rates_put_a_third_of_meetings_in_the_inner_third(step):
    rng = np.random.default_rng(4)
    at = rng.integers(0, 200_000 // step, 20_000) * step
    done = analyse(rng.integers(0, 40, 20_000), rng.integers(0, 60, 20_000), at, 60, 60, quiet, groups=False)
    met = done.met
    due = (met.tight * met.chance).sum() / met.chance.sum()
    assert (met.points == 3).sum() / met.close.sum() == pytest.approx(due, abs=0.035)


def test_discrete_step_up_is_its_definition_and_never_stricter():
    rng = np.random.default_rng(3)
    n = rng.integers(2, 6, 60)
    chances, first = rng.uniform(0.02, 0.3, n.sum()), np.concatenate([[0], np.cumsum(n)[:-1]])
    tails = poisson_binomial(chances, first, n)
    p = tails.at(np.minimum(n, rng.poisson(1.2, 60)))
    levels = np.unique(p[p <= 0.1])
    own = [tails.values[s : s + k + 1] for s, k in zip(tails.start, n, strict=True)]
    ratio = [sum(max([v for v in t if v <= x], default=0) for t in own) / (p <= x).sum() for x in levels]
    expected = [min([r for x, r in zip(levels, ratio, strict=True) if x >= v] + [1.0]) for v in p]
    found = discrete_step_up([tails], p)
    assert found == pytest.approx(expected)
    assert (found <= step_up(p) + 1e-12)[p <= 0.1].all()


def test_times_in_minutes_are_seen_and_a_window_below_them_is_raised():
    assert grain(np.array([120, 300, 60])) == 60
    made = simulate(
        np.random.default_rng(5), Platform(accounts=900, rows=6000, communities=6, days=14, clubs=2, step=60)
    )
    done = analyse(made.obj, made.account, np.round(made.at).astype(np.int64), 900, 30, quiet)
    assert done.surroundings.window == 60
    assert not (done.pairs.q < 0.05).any()


def finding(tables, options=None):
    evidence = Evidence.from_tables(tables)
    return judge([run(INSTRUMENT, options or {}, evidence)])[0]


@pytest.fixture(scope="module")
def ring():
    made = simulate(np.random.default_rng(8), SMALL, (Ring(m=15),))
    return made, finding({"posts": made.table()})


def test_a_ring_is_named_with_its_rows(ring):
    made, found = ring
    members = {f"u{k}" for k in np.flatnonzero(made.ring >= 0)}
    assert found.verdict == Verdict.SUPPORTED
    group = next(i for i in found.items if "members" in i.key)
    assert len(members & set(group.key["members"])) >= 6
    pairs = [i for i in found.items if "a" in i.key and i.q_value < 0.05]
    assert sum({i.key["a"], i.key["b"]} <= members for i in pairs) / len(pairs) >= 0.9
    assert all(row.startswith("posts:") for i in pairs for row in i.evidence)
    one = next(p for p in found.details["pairs"] if p["q"] < 0.05)
    assert one["labels"] is not None
    assert one["p_object"] > one["p"]


def test_few_objects_in_step_are_found_as_a_group_though_no_pair_stands():
    hits = 0
    for seed in range(4):
        made = simulate(np.random.default_rng([9, seed]), SMALL, (Ring(m=4),))
        done = analyse(made.obj, made.account, np.round(made.at).astype(np.int64), SMALL.accounts, 60, quiet)
        hits += any((made.ring[g.members] >= 0).mean() > 0.5 for g in done.groups)
    assert hits >= 3


@pytest.mark.parametrize("column", ["at", "account", "object"])
def test_a_constant_column_decides_nothing(column, ring):
    table = dict(ring[0].table())
    table[column] = (
        np.full(len(table["at"]), table["at"][0]) if column == "at" else [table[column][0]] * len(table["post"])
    )
    assert finding({"posts": table}).verdict in (Verdict.UNTESTED, Verdict.INCONCLUSIVE)


def test_two_accounts_alone_cannot_say_what_is_usual():
    at = (
        np.datetime64("2024-01-01", "us")
        + np.arange(40) * np.timedelta64(1800, "s")
        + np.tile([0, 5], 20) * np.timedelta64(1, "s")
    )
    table = {
        "post": [f"p{k}" for k in range(40)], "at": at, "account": ["a", "b"] * 20, "object": [f"o{k // 2}" for k in range(40)]
    }  # fmt: skip
    found = finding({"posts": table})
    assert found.verdict == Verdict.UNTESTED
    assert "kayfabe evidence add" in found.reason


def test_the_other_null_exchanges_accounts_within_objects(ring):
    found = finding({"posts": ring[0].table()}, {"null": "object"})
    assert found.details["null"] == "object"
    assert not found.details["groups"]


@pytest.mark.slow
def test_null_worlds_reject_rarely():
    strict = discrete = 0
    for seed in range(60):
        made = simulate(np.random.default_rng([77, seed]), Platform())
        done = analyse(made.obj, made.account, np.round(made.at).astype(np.int64), len(made.ring), 60, quiet)
        strict += bool((done.pairs.q < 0.05).any())
        discrete += bool((done.pairs.q_discrete < 0.05).any())
    assert strict <= 3
    assert discrete <= 6


def twofold(table):
    """The same posts, each with a hashtag that its object always comes with."""
    n = len(table["post"])
    return {
        "post": [*table["post"], *table["post"]],
        "at": np.concatenate([table["at"], table["at"]]),
        "account": [*table["account"], *table["account"]],
        "object": [*table["object"], *(f"#{o}" for o in table["object"])],
        "object_type": ["url"] * n + ["hashtag"] * n,
    }


def test_a_post_with_two_objects_is_one_act(ring):
    table = ring[0].table()
    once, twice = finding({"posts": table}), finding({"posts": twofold(table)})
    assert twice.n == once.n
    assert twice.details["observed"] == once.details["observed"]
    assert twice.details["expected"] == pytest.approx(once.details["expected"], rel=0.05)


def test_only_these_kinds_of_objects(ring):
    table = ring[0].table()
    only = finding({"posts": twofold(table)}, {"objects": "url"})
    assert (only.n, only.p_value) == (ring[1].n, pytest.approx(ring[1].p_value))
    with pytest.raises(UnknownName, match="hashtag"):
        finding({"posts": table}, {"objects": "hashtags"})


def test_pairs_that_could_never_stand_cost_nothing():
    n = np.array([2] * 500 + [8] * 10)
    chances = np.full(n.sum(), 0.1)
    tails = poisson_binomial(chances, np.concatenate([[0], np.cumsum(n)[:-1]]), n)
    p = tails.at(np.where(n == 8, 5, 0))
    least = tails.values[tails.start + tails.n]
    assert (attainable_step_up(least, p)[500:] == step_up(p[500:])).all()
    assert (attainable_step_up(least, p)[:500] == 1).all()


def test_too_many_exchanges_are_refused_in_one_line(ring, monkeypatch):
    monkeypatch.setattr(coordination, "MOST_EXCHANGED", 10)
    with pytest.raises(BadOption, match="--since"):
        finding({"posts": ring[0].table()}, {"null": "object"})


def test_its_charts_show_network_pairs_count_posts_and_delays(ring):
    made, found = ring
    shown = {c.title: c for c in INSTRUMENT.charts(found)}
    assert len(shown) == 6
    network, pairs, together, posts, count, delays = shown.values()
    members = {f"u{k}" for k in np.flatnonzero(made.ring >= 0)}
    assert {n.name for n in network.nodes if n.group.startswith("group 1")} <= members
    assert pairs.rows[0][1] > pairs.rows[0][2]
    assert pairs.rows[0][8]
    assert pairs.rows[0][9] == f"{found.details['pairs'][0]['a']} - {found.details['pairs'][0]['b']}"
    assert {row[2] for row in posts.rows} == {found.details["best"]["a"], found.details["best"]["b"]}
    assert [min(a[3], b[3]) for a, b in zip(posts.rows[::2], posts.rows[1::2], strict=True)] == [0.0] * (
        len(posts.rows) // 2
    )
    group = {n.name for n in network.nodes if n.group.startswith("group 1")}
    assert {row[2] for row in together.rows} == group
    by_line = {line: [row[3] for row in together.rows if row[0] == line] for line in {row[0] for row in together.rows}}
    assert all(min(seconds) == 0 and len(seconds) >= 2 for seconds in by_line.values())
    shared = {(u, o) for u, o in zip(made.table()["account"], made.table()["object"], strict=True)}
    assert {(row[2], row[1]) for row in together.rows} <= shared
    assert sum(p for _, p, _ in count.rows) == pytest.approx(1, abs=1e-3)
    assert [which for *_, which in count.rows].index("observed") == found.details["best"]["close"]
    assert sum(row[3] for row in delays.rows[:2]) == pytest.approx(found.details["expected"])
    assert sum(row[2] for row in delays.rows[:2]) == found.details["observed"]


def test_the_domain_is_that_of_what_is_shared_not_of_the_platform(ring):
    table = dict(ring[0].table())
    table["url"] = [f"https://social.org/{p}" for p in table["post"]]
    table["object_type"] = ["url"] * len(table["post"])
    table["object"] = [f"https://n{o[-1]}.org/{o}" for o in table["object"]]
    spread = finding({"posts": table}).details["pairs"]
    assert max(p["one_domain"] for p in spread if p["met"] >= 8) < 0.8
    assert not any("syndication or a common owner" in p["labels"] for p in spread if p["met"] >= 8)
    table["object"] = [o.replace(o.split("/")[2], "same.org") for o in table["object"]]
    assert {p["one_domain"] for p in finding({"posts": table}).details["pairs"]} == {1.0}
