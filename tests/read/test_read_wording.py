"""How a sentence is worded: the tf-idf of another library, hidden names, and reading without a parser."""

from collections import Counter

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from kayfabe.read import embedding, parsing, trained, wording
from kayfabe.read.kinds import score

SENTENCES = {
    "en": ["They always vote the same way.", "Nobody asked the miners, and nobody will.", "On 3 May it rained."],
    "ru": ["Они всегда голосуют одинаково.", "Шахтёров никто не спросил, и никто не спросит.", "3 мая шёл дождь."],
}

needs_parsers = pytest.mark.skipif(
    parsing.parser("en") is None or parsing.parser("ru") is None, reason=str(parsing.lacking("en"))
)


def test_weights_are_those_of_scikit_learn():
    counted = [wording.views(text, None) for texts in SENTENCES.values() for text in texts]
    letters = [c["letters"] for c in counted]
    oracle = TfidfVectorizer(analyzer=lambda c: list(c.elements()), sublinear_tf=True)
    expected = oracle.fit_transform(letters)
    found = wording.matrix(counted, {"letters": (oracle.vocabulary_, oracle.idf_)})
    np.testing.assert_allclose(found.toarray(), wording.VIEWS["letters"] * expected.toarray(), atol=1e-12)


def test_letters_are_those_of_scikit_learn():
    texts = SENTENCES["en"] + SENTENCES["ru"]
    oracle = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).build_analyzer()
    for text in texts:
        ours = {t for t in wording.views(text, None)["letters"] if len(t) > 1}
        assert ours == {t for t in oracle(text) if len(t) > 1}


@needs_parsers
def test_names_are_hidden_and_numbers_are_one():
    one, other = wording.worded(["On 3 May Alvia signed.", "On 5 May Borvia signed."], "en")
    assert one["lemmas"] == other["lemmas"]
    one, other = wording.worded(["Потом 3 мая подписал Чуйков.", "Потом 5 мая подписал Рябинин."], "ru")
    assert one["lemmas"] == other["lemmas"]
    assert one["frame"] == other["frame"]


@needs_parsers
@pytest.mark.parametrize("language", ["en", "ru"])
def test_each_view_sees_every_sentence(language):
    for counted in wording.worded(SENTENCES[language], language):
        assert set(counted) == set(wording.VIEWS)
        assert all(isinstance(terms, Counter) and terms for terms in counted.values())


@needs_parsers
def test_no_words_at_all_is_no_fault():
    counted = wording.worded(["", "…", "x" * 3000], "en")
    known = {view: ({"x": 0}, np.ones(1)) for view in wording.VIEWS}
    assert wording.matrix(counted, known).shape == (3, len(wording.VIEWS))


@pytest.mark.skipif(trained.kinds_model() is None, reason=embedding.why_none())
def test_without_a_parser_the_vectors_decide():
    model, texts = trained.kinds_model(), SENTENCES["en"]
    scores = [score(t, "en") for t in texts]
    parsing.without_parsers()
    try:
        assert wording.worded(texts, "en") is None
        alone = model.probabilities(texts, scores, "en")
    finally:
        parsing.with_parsers()
    np.testing.assert_allclose(alone.sum(axis=1), 1)
    if parsing.parser("en") is not None:
        assert np.abs(alone - model.probabilities(texts, scores, "en")).max() > 0.01
