"""A natural sentence of each testable kind, in both languages: its question is full, or says in words what is missing."""

import datetime as dt

import pytest

from kayfabe.actors import load_actors
from kayfabe.evidence import Evidence
from kayfabe.instruments import instruments
from kayfabe.models import Kind, KindProbability, Text
from kayfabe.questions import build
from kayfabe.read import claims as reading
from kayfabe.read import parsing

pytestmark = pytest.mark.skipif(bool(parsing.lacking("en") or parsing.lacking("ru")), reason="no parsers")
DAY = dt.date(2025, 6, 1)
EN = {
    Kind.STAGED_DISAGREEMENT: "France and Italy only stage their quarrel.",
    Kind.ALIGNMENT: "Hungary and Poland stand together.",
    Kind.COORDINATION: "The five outlets published the same words within minutes, from one script.",
    Kind.SELECTIVE_COVERAGE: "The evening news left out the clause on elections.",
    Kind.PLANTED_LEAK: "The memo about the embargo was leaked by the Turkish government itself.",
    Kind.REVERSAL: "Germany promised to close its plants and is now building new ones.",
    Kind.INFLUENCE: "Azerbaijan dances to the tune of Turkey.",
    Kind.DEAL_TERMS: "Iran will never accept the inspection clause.",
    Kind.PRECEDENT: "After the last truce the rebels rearmed, and they will do the same now.",
    Kind.TURNING_POINT: "Support for the war has turned downwards.",
    Kind.UNIVERSAL: "Israel never votes against the United States.",
}
RU = {
    Kind.STAGED_DISAGREEMENT: "Франция и Италия лишь разыгрывают ссору.",
    Kind.ALIGNMENT: "Венгрия и Польша стоят друг за друга.",
    Kind.COORDINATION: "Пять изданий за считаные минуты опубликовали одни и те же слова по одной методичке.",
    Kind.SELECTIVE_COVERAGE: "Вечерние новости опустили пункт о выборах.",
    Kind.PLANTED_LEAK: "Записку об эмбарго слило само турецкое правительство.",
    Kind.REVERSAL: "Германия обещала закрыть станции, а теперь строит новые.",
    Kind.INFLUENCE: "Азербайджан пляшет под дудку Турции.",
    Kind.DEAL_TERMS: "Иран никогда не примет пункт об инспекциях.",
    Kind.PRECEDENT: "После прошлого перемирия повстанцы перевооружились, и теперь будет то же самое.",
    Kind.TURNING_POINT: "Поддержка войны повернула вниз.",
    Kind.UNIVERSAL: "Израиль никогда не голосует против США.",
}
FULL = {
    Kind.STAGED_DISAGREEMENT: {"actors": ["FRA", "ITA"], "since": "2020-06-01", "until": "2025-06-01"},
    Kind.ALIGNMENT: {"actors": ["HUN", "POL"], "claim": "aligned", "since": "2020-06-01", "until": "2025-06-01"},
    Kind.INFLUENCE: {"actors": ["TUR", "AZE"], "leader": "TUR", "until": "2025-06-01"},
    Kind.UNIVERSAL: {"actor": "ISR", "toward": "USA", "in": "votes", "sign": "-", "quantifier": "never"},
}
MISSING = {
    Kind.COORDINATION: ["accounts: "],
    Kind.SELECTIVE_COVERAGE: ["--agreement: "],
    Kind.PLANTED_LEAK: ["--document: "],
    Kind.REVERSAL: ["--issue: "],
    Kind.DEAL_TERMS: ["--agreement: "],
    Kind.PRECEDENT: ["--actors: ", "--pauses: "],
    Kind.TURNING_POINT: ["--series: "],
}


def asked(language, sentence, kind, monkeypatch):
    monkeypatch.setattr(reading, "kinds_model", lambda: None)
    monkeypatch.setattr(reading.Scores, "best", property(lambda self: kind))
    text = Text(text=sentence, language=language, source="x", sha256="", published=DAY)
    (claim,) = reading.read_claims(text)
    claim = claim.model_copy(update={"kinds": [KindProbability(kind=kind, probability=0.9)]})
    return build([claim], text, instruments(), Evidence.from_tables({}), load_actors())[0].question


@pytest.mark.parametrize(("language", "sentences"), [("en", EN), ("ru", RU)])
@pytest.mark.parametrize("kind", EN)
def test_each_kind_is_asked_in_full_or_says_what_is_missing(language, sentences, kind, monkeypatch):
    question = asked(language, sentences[kind], kind, monkeypatch)
    assert question.text.endswith("?")
    if kind in FULL:
        assert question.missing == []
        assert question.options.items() >= FULL[kind].items()
    else:
        assert [m[: len(p)] for m, p in zip(question.missing, MISSING[kind], strict=True)] == MISSING[kind]
        assert all(len(m.split()) > 2 for m in question.missing)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_swapped_actors_swap_the_question(language, monkeypatch):
    sentence = (EN if language == "en" else RU)[Kind.UNIVERSAL]
    swapped = {"en": "The United States never votes against Israel.", "ru": "США никогда не голосуют против Израиля."}[language]
    a, b = asked(language, sentence, Kind.UNIVERSAL, monkeypatch), asked(language, swapped, Kind.UNIVERSAL, monkeypatch)
    assert (a.options["actor"], a.options["toward"]) == (b.options["toward"], b.options["actor"])
    assert {k: v for k, v in a.options.items() if k not in ("actor", "toward")} == {
        k: v for k, v in b.options.items() if k not in ("actor", "toward")
    }
