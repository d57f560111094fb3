"""Shared passages against loops over every pair; chains against a plain dynamic programme; masks and places against the text."""

import itertools

import numpy as np
import pytest
from scipy import stats as scipy_stats

from kayfabe.stats.chains import Tail, chained, chains, rare_order, tail
from kayfabe.stats.passages import Runs, common_places, copies, hashes, merged, shared_runs, stock_runs
from kayfabe.stats.words import MASKED, masked, places, read_words


def archive(seed, documents=14, vocabulary=60, reuse=12):
    """Documents of common words; passages of 5 to 40 words copied from earlier ones, some with a word changed."""
    rng = np.random.default_rng(seed)
    texts = [[f"w{k}" for k in rng.integers(0, vocabulary, rng.integers(0, 90))] for _ in range(documents)]
    for _ in range(reuse):
        i, j = rng.choice(documents, 2, replace=False)
        length = int(rng.integers(5, 40))
        if len(texts[i]) > length:
            at = int(rng.integers(0, len(texts[i]) - length))
            piece = list(texts[i][at : at + length])
            if rng.random() < 0.5:
                piece[len(piece) // 2] = "changed"
            place = int(rng.integers(0, len(texts[j]) + 1))
            texts[j] = texts[j][:place] + piece + texts[j][place:]
    return [" ".join(t) for t in texts]


def runs_by_loop(texts, least):
    found = set()
    words = [t.split() for t in texts]
    for (i, x), (j, y) in itertools.combinations(enumerate(words), 2):
        for a, b in itertools.product(range(len(x)), range(len(y))):
            if x[a] != y[b] or (a and b and x[a - 1] == y[b - 1]):
                continue
            length = 0
            while a + length < len(x) and b + length < len(y) and x[a + length] == y[b + length]:
                length += 1
            if length >= least:
                found.add((i, j, a, b, length))
    return found


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("least", [2, 5, 12])
def test_runs_are_those_of_a_loop(seed, least):
    texts = archive(seed, vocabulary=4000 if least < 5 else 60)
    found = shared_runs(read_words(texts), least, most=50)
    got = list(zip(*(x.tolist() for x in (found.one, found.two, found.a, found.b, found.length)), strict=True))
    assert set(got) == runs_by_loop(texts, least)
    assert len(got) == len(set(got))


def test_parts_of_any_size_give_the_same(monkeypatch):
    words = read_words(archive(9, documents=30, reuse=40))
    whole = shared_runs(words, 6)
    monkeypatch.setattr("kayfabe.stats.passages._PART", 100)
    parts = shared_runs(words, 6)
    assert len(whole.one) > 10
    for name in ("one", "two", "a", "b", "length"):
        assert (getattr(whole, name) == getattr(parts, name)).all()


def test_runs_of_many_documents_are_stock():
    footer = "sign up to our daily letter and never miss a story about the things that matter"
    texts = [f"story {k} tells of matter number {k * 7} . {footer}" for k in range(9)]
    words = read_words(texts)
    assert not len(shared_runs(words, 12, most=8).one)
    assert len(shared_runs(words, 12, most=9).one) == 36
    stock = stock_runs(words, 12, most=8)
    assert stock.holders.tolist() == [9]
    assert stock.length[0] >= len(footer.split())


def chain_by_loop(runs, bits_of, pair):
    """Best score and width over all chains of the runs of one pair: every subset in order of place."""
    rows = [k for k in range(len(runs.one)) if (runs.one[k], runs.two[k]) == pair]
    best = {}
    for k in rows:
        cells = [(sum(bits_of(k, 0)), int(runs.length[k]))]
        for j in rows:
            if j >= k or not (runs.a[k] > runs.a[j] and runs.b[k] > runs.b[j]):
                continue
            gap_a = runs.a[k] - runs.a[j] - runs.length[j]
            gap_b = runs.b[k] - runs.b[j] - runs.length[j]
            drift = (runs.b[k] - runs.a[k]) - (runs.b[j] - runs.a[j])
            overlap = max(0, -gap_a, -gap_b)
            if max(gap_a, gap_b) > 10 or abs(drift) > 8 or overlap >= runs.length[k]:
                continue
            score, width = best[j]
            gain = sum(bits_of(k, overlap)) - max(0, gap_a, gap_b) - 2 * (drift != 0)
            cells.append((score + gain, width + int(runs.length[k]) - overlap))
        best[k] = max(cells, key=lambda c: c[0])
    return max(best.values(), key=lambda c: c[0])


@pytest.mark.parametrize("seed", range(6))
def test_chains_are_those_of_a_loop(seed):
    words = read_words(archive(seed, documents=10, vocabulary=300, reuse=25))
    runs = merged(words, common_places(words, hashes(words, 2), 2, 5, np.arange(words.documents)))
    found = chained(words, runs)
    surprisal = words.surprisal()

    def bits_of(k, skip):
        start = words.start[runs.one[k]] + runs.a[k]
        return surprisal[words.code[start + skip : start + runs.length[k]]]

    assert len(found.one) > 5
    for k in range(len(found.one)):
        score, width = chain_by_loop(runs, bits_of, (found.one[k], found.two[k]))
        assert found.bits[k] == pytest.approx(score)
        assert found.words[k] == width
        assert found.a_end[k] - found.a[k] >= 2


def test_a_lightly_edited_passage_is_one_chain_with_both_places():
    passage = ["heavy", "rain", "kept", "seven", "hundred", "engineers", "from", "reaching", "the", "broken", "dam", "above", "the", "old", "mill", "town", "last", "night"]
    edited = [w if w not in ("seven", "old") else "other" for w in passage]
    texts = ["one two three " + " ".join(passage) + " four five", "six " + " ".join(edited) + " seven eight nine"]
    found = chains(read_words(texts), 2)
    assert (found.one[0], found.two[0]) == (0, 1)
    assert (found.a[0], found.a_end[0]) == (3, 3 + len(passage))
    assert (found.b[0], found.b_end[0]) == (1, 1 + len(passage))
    assert found.words[0] == len(passage) - 2


def test_words_in_quotation_marks_weigh_nothing_but_keep_their_places():
    text = 'He said "we will never give up" and then «мы не уйдём» again “it is done”. A stray " mark stays, 5" too.'
    words = read_words([text])
    hidden = np.flatnonzero(words.code == MASKED)
    assert len(words.code) == len(places(text))
    spans = [text[a:b] for a, b in places(text)[hidden]]
    assert spans == ["we", "will", "never", "give", "up", "мы", "не", "уйдём", "it", "is", "done"]
    assert "stays" in masked(text)


def test_long_quotations_and_those_within_are_masked_and_open_ones_swallow_nothing():
    long = "“" + "we hold that there “is” such a thing as being too late " * 12 + "” he said"
    words = read_words([long, "“ this one never closes and goes on", 'and "this one ' + "neither " * 60 + 'at all" too'])
    assert (words.code == MASKED).tolist().count(True) == 12 * 12
    assert words.unmasked.tolist() == [2, 7, 66]


def test_places_point_into_the_text_even_where_lower_case_grows():
    text = "İstanbul’da Ёлка STRASSE ß 12-й"
    assert [text[a:b] for a, b in places(text)] == ["İstanbul", "da", "Ёлка", "STRASSE", "ß", "12", "й"]
    assert len(read_words([text]).code) == 7


def test_copies_are_joined_and_a_footer_joins_nobody():
    rng = np.random.default_rng(0)
    body = [" ".join(f"w{k}" for k in rng.integers(0, 9000, 120)) for _ in range(5)]
    footer = " read more of our stories on the page of this paper every day"
    texts = [b + footer for b in body] + [body[0] + " updated at noon", "update " + body[0]]
    unit = copies(read_words(texts))
    assert unit[0] == unit[5] == unit[6]
    assert len(set(unit[:5])) == 5


def test_the_order_of_rare_runs_grows_with_the_store():
    rng = np.random.default_rng(1)
    weights = 1 / np.arange(1, 301)
    weights /= weights.sum()

    def store(n):
        return read_words(" ".join(f"w{k}" for k in rng.choice(300, 150, p=weights)) for _ in range(n))

    orders = [rare_order(store(n)) for n in (20, 2000)]
    assert orders[0] == 2
    assert orders[1] > 2


def test_the_tail_is_maximum_likelihood_of_a_truncated_exponential():
    rng = np.random.default_rng(2)
    bits = 20 + rng.exponential(6, 20_000)
    found = tail(bits, 1_000_000)
    assert 1 / found.rate == pytest.approx(6, rel=0.05)
    assert found.start == pytest.approx(np.median(bits))
    over = bits[(bits > found.start) & (bits <= np.quantile(bits, 0.97))] - found.start
    width = np.quantile(bits, 0.97) - found.start
    rates = np.linspace(0.8, 1.2, 401) * found.rate
    likelihood = [scipy_stats.truncexpon.logpdf(over, width * r, scale=1 / r).sum() for r in rates]
    assert rates[int(np.argmax(likelihood))] == pytest.approx(found.rate, rel=0.003)
    assert found.p_values(np.array([found.start, found.start + 12]))[1] == pytest.approx(0.01 * np.exp(-12 * found.rate), rel=0.01)


def test_a_constant_score_has_no_tail():
    assert tail(np.full(50, 30.0), 1000).p_values(np.array([30.0]))[0] == 1
    assert isinstance(tail(np.zeros(0), 10), Tail)


def test_runs_of_nothing():
    words = read_words(["", "a"])
    assert not len(shared_runs(words).one)
    assert isinstance(shared_runs(words), Runs)
    assert not len(chains(words, 2).one)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("he said “a b... “c d” e f", "a b c d"),
        ("he “a b.\n“c d.\n“e f” g", "a b c d e f"),
        ("he “a “b” c” d", "a b c"),
        ("x [" + "note " * 14 + "] y", ("note " * 14).strip()),
        ("x [a short note] y", ""),
        ("x [" + "words of a link " * 5 + "](http://a) y", ""),
    ],
)
def test_quotations_opened_again_and_notes_of_editors_are_masked(text, hidden):
    words = read_words([text])
    plain = [text[a:b].lower() for a, b in places(text).tolist()]
    assert " ".join(w for w, c in zip(plain, words.code.tolist(), strict=True) if c == 0) == hidden


def test_silent_characters_and_accents_of_their_own_change_no_word():
    plain = "The minister said ёлка йогурт über all “quoted words” end"
    odd = "The min\u00adister s\u200baid \u202eе\u0308лка\u202c и\u0306огурт u\u0308ber\ufeff all “quo\u200bted words” end\u200d"
    words = read_words([plain, odd])
    one, two = np.split(words.code, [words.start[1]])
    assert one.tolist() == two.tolist()
    assert len(places(odd)) == len(two)
    assert odd[slice(*places(odd)[1].tolist())] == "min\u00adister"
