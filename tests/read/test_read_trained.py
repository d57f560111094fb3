"""The trained kinds model: takes no side, says what it was measured to say, and is not used with other weights."""

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from kayfabe.models import Kind, Text
from kayfabe.read import embedding, judged, masks, read_claims, trained, vectors
from kayfabe.read.folding import fold
from kayfabe.read.kinds import score
from kayfabe.read.mentions import named_actors

READING = Path(__file__).parents[2] / "benchmarks" / "reading"
NAMES = {"en": ("Ankara", "Athens", "Jakarta", "Nairobi", "Lima"), "ru": ("Анкара", "Лима", "Джакарта", "Прага")}

pytestmark = pytest.mark.skipif(trained.kinds_model() is None, reason=embedding.why_none())


def claims(text, language="en"):
    return read_claims(Text(text=text, language=language, source="test", sha256=""))


def held_out(language):
    with (READING / f"held_third_{language}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize(
    ("language", "pattern"),
    [
        ("en", "{} obeys {}."),
        ("en", "{} and {} are on the same side."),
        ("en", "{} has never told {} the truth."),
        ("en", "The quarrel between {} and {} is a show."),
        ("ru", "{} и {} лишь изображают ссору."),
        ("ru", "{} никогда не говорила правды, {} тоже."),
    ],
)
def test_swapping_actors_changes_nothing(language, pattern):
    seen = {
        tuple((c.kind, c.kinds[0].probability, c.negated, c.quantifier) for c in claims(pattern.format(a, b), language))
        for a in NAMES[language]
        for b in NAMES[language]
        if a != b
    }
    assert len(seen) == 1


def test_a_quarrel_called_a_show_in_so_many_words_is_not_overruled():
    said = claims("There is an opinion that the two ministries are staging a performance for us.")
    assert said[0].kind == Kind.STAGED_DISAGREEMENT


def test_fragments_are_left_to_the_rules():
    assert [c.kind for c in claims("The treaty was signed on 3 May. Nothing of the sort. Another time.")][1:] == [
        Kind.NONE
    ] * 2


def test_masks_keep_the_words_around():
    text = "Moscow and Beijing vote alike; Russian envoys and Moscow agree."
    masked = masks.masked(text, 0, len(text), named_actors(text, "en", None), "en")
    assert masked == "Alvia and Borvia vote alike; Alvian envoys and Alvia agree."
    assert masks.masked(text, 11, 29, named_actors(text, "en", None), "en") == "Alvia vote alike"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_states_the_measured_accuracy(language):
    rows = held_out(language)
    texts = [r["text"] for r in rows]
    shown = [masks.masked(t, 0, len(t), named_actors(t, language, None), language) for t in texts]
    model = trained.kinds_model()
    chances = model.probabilities(shown, [score(fold(t).text, language) for t in texts], language)
    assert chances.shape == (len(rows), len(Kind))
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    hits = sum(trained.KINDS[i] == r["kind"] for i, r in zip(chances.argmax(axis=1), rows, strict=True))
    page = (READING.parents[1] / "docs" / "reading.md").read_text("utf-8")
    stated = re.search(rf"\| trained \| {language} \| (\d+) of (\d+) \|", page)
    assert stated is not None
    assert abs(int(stated.group(1)) - hits) <= 3  # other machines round vectors otherwise
    assert int(stated.group(2)) == len(rows)


def test_training_and_held_out_sentences_share_no_text_and_no_topic():
    def column(pattern, name):
        found = set()
        for path in READING.glob(pattern):
            with path.open(encoding="utf-8", newline="") as stream:
                found |= {r[name].strip().lower() for r in csv.DictReader(stream)}
        return found

    assert len(column("held_*.csv", "id")) == 1156
    for name in ("id", "text", "topic"):
        assert not column("held_*.csv", name) & column("train_*.csv", name)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_forty_training_sentences_and_more_for_each_kind(language):
    counts = dict.fromkeys((str(k) for k in Kind), 0)
    for path in READING.glob("train_*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                counts[row["kind"]] += row["language"] == language
    assert min(counts.values()) >= 40


@pytest.fixture
def anew():
    """Models are opened anew in the test and after it."""
    opened = (embedding.embedder, judged.judge, vectors.vectors_model, trained.kinds_model)

    def forget():
        for function in opened:
            function.cache_clear()

    forget()
    yield
    forget()


def test_other_weights_are_not_used(monkeypatch, anew):
    changed = [embedding.Packaged(p.name, p.module, p.weights, "0" * 64, p.open) for p in embedding.PACKAGED]
    monkeypatch.setattr(embedding, "PACKAGED", tuple(changed))
    assert trained.kinds_model() is None
    assert "other weights" in embedding.why_none()
    assert embedding.INSTALL in embedding.why_none()
    assert claims("The quarrel between Ankara and Athens is staged.")[0].kind == Kind.STAGED_DISAGREEMENT
    monkeypatch.undo()


def test_the_portable_vectors_stand_in_for_the_encoder(monkeypatch, anew):
    monkeypatch.setattr(embedding, "PACKAGED", embedding.PACKAGED[1:])
    model = trained.kinds_model()
    assert model.judge is None
    assert model.name.startswith("kinds_use")
    found = claims("Everybody knows that their quarrel is a play staged for voters.")
    assert found[0].kind == Kind.STAGED_DISAGREEMENT
    monkeypatch.undo()


def test_the_encoder_reads_without_the_portable_vectors(monkeypatch, anew):
    if judged.judge() is None:
        pytest.skip(embedding.why_none())
    monkeypatch.setattr(embedding, "PACKAGED", embedding.PACKAGED[:1])
    model = trained.kinds_model()
    assert model.vectors is None
    found = claims("Everybody knows that their quarrel is a play staged for voters.")
    assert found[0].kind == Kind.STAGED_DISAGREEMENT
    monkeypatch.undo()


def test_equal_texts_get_equal_vectors_wherever_they_stand():
    found = trained.kinds_model().vectors.embedder.encode(["One side gives way.", "Другая нет.", "One side gives way."] * 20)
    assert np.array_equal(found[0], found[-1])
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)


def test_rules_among_alignments_are_still_rules():
    text = (READING.parents[1] / "examples" / "common-front.md").read_text(encoding="utf-8")
    found = read_claims(Text(text=text, language="en", source="", sha256=""))
    kinds = {c.text.split(",")[0]: c.kind for c in found}
    assert kinds["Israel never votes against the United States."] is Kind.UNIVERSAL
    assert kinds["And China"] is Kind.UNIVERSAL
    assert kinds["The United States and Israel stand side by side"] is Kind.ALIGNMENT
