"""Attribution, hedge, quantifier, negation: sentences with the answer written by hand."""

import pytest

from kayfabe.models import Text
from kayfabe.read import read_claims


def one(text, language="en"):
    return read_claims(Text(text=text, language=language, source="test", sha256=""))[0]


@pytest.mark.parametrize(
    ("language", "text", "source", "cue"),
    [
        ("en", "They say that the governor obeys the bank.", "They", "say"),
        ("en", "There is an opinion that the quarrel is a show.", "an opinion", "There is"),
        ("en", "It is said that the king obeys the generals.", "unnamed", "It is said that"),
        ("en", "Rumour has it that the bank will close.", "Rumour", "Rumour has it"),
        (
            "en",
            "According to the trade minister, the ferry operators obey Ankara.",
            "the trade minister",
            "According to",
        ),
        ("en", "In the words of Maria Lopez, the accord is dead.", "Maria Lopez", "In the words of"),
        ("en", "The prime minister warns that the coalition will fall.", "The prime minister", "warns"),
        ("en", "Maria Lopez claims the bank is run from one office.", "Maria Lopez", "claims"),
        ("en", "“The accord is dead,” said Maria Lopez, a farmer.", "Maria Lopez", "said"),
        ("en", "“The accord is dead,” Maria Lopez told reporters.", "Maria Lopez", "told"),
        ("en", "The bank runs the party, critics say.", "critics", "say"),
        ("ru", "Говорят, что губернатор подчиняется банку.", "unnamed", "Говорят"),
        ("ru", "Есть мнение, что ссора — спектакль.", "мнение", "Есть мнение"),
        ("ru", "По словам Марии Лопес, соглашение мертво.", "Марии", "По словам"),
        ("ru", "Премьер заявил, что сделка неприемлема.", "Премьер", "заявил"),
        ("ru", "«Сделка мертва», — сказала Мария Лопес.", "Мария", "сказала"),
        ("ru", "Эксперты утверждают, что банк закроют.", "Эксперты", "утверждают"),
    ],
)
def test_attribution(language, text, source, cue):
    found = one(text, language).attribution
    assert found is not None
    assert source in found.source
    assert cue in found.cue


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The prime minister says one thing in Brussels and another at home."),
        ("en", "The channel says not a word about the hospital."),
        ("en", "I believe that the bank runs the party."),
        ("en", "We see that the front has cracked."),
        ("en", "The governor obeys the bank."),
        ("ru", "Я считаю, что банк управляет партией."),
        ("ru", "Премьер говорит одно в Брюсселе и другое дома."),
        ("ru", "Губернатор подчиняется банку."),
    ],
)
def test_the_authors_own_assertions_are_not_attributed(language, text):
    assert one(text, language).attribution is None


@pytest.mark.parametrize(
    ("language", "text", "hedged"),
    [
        ("en", "Perhaps the court follows the palace.", True),
        ("en", "The court apparently obeys the palace.", True),
        ("en", "It seems that the front has cracked.", True),
        ("en", "The supposedly free press is silent about it.", True),
        ("en", "This “leak” came from the palace.", True),
        ("en", "He said that “the deal is dead and buried”.", False),
        ("en", "The court obeys the palace.", False),
        ("en", "The minister is supposed to resign.", False),
        ("ru", "Якобы утечку подбросили журналистам.", True),
        ("ru", "Эта «ссора» разыграна для публики.", True),
        ("ru", "Видимо, суд подчиняется дворцу.", True),
        ("ru", "Похоже, фронт дрогнул.", True),
        ("ru", "Суд подчиняется дворцу.", False),
    ],
)
def test_hedges(language, text, hedged):
    assert one(text, language).hedged is hedged


@pytest.mark.parametrize(
    ("language", "text", "quantifier"),
    [
        ("en", "The bank would never tell us the truth.", "never"),
        ("en", "Not once did the committee ask for evidence.", "never"),
        ("en", "No one ever answers a letter here.", "never"),
        ("en", "The ambassador always votes with the bank.", "always"),
        ("en", "Whenever oil falls, the regime arrests a journalist.", "always"),
        ("en", "Nobody in this ministry answers a letter.", "none"),
        ("en", "No minister of this cabinet has resigned.", "none"),
        ("en", "Each of his statements contradicts the last.", "all"),
        ("en", "Everything it does is aimed at deception.", "all"),
        ("en", "We must take all of the valley.", None),
        ("en", "Nothing of the sort.", None),
        ("en", "As always, the king was late.", None),
        ("en", "They did everything possible to win.", None),
        ("ru", "Они никогда не говорят правды.", "never"),
        ("ru", "Ни разу комитет не спросил.", "never"),
        ("ru", "Посол всегда голосует с банком.", "always"),
        ("ru", "Каждый раз, когда падает нефть, сажают журналиста.", "always"),
        ("ru", "Никто не отвечает на письма.", "none"),
        ("ru", "Ни один министр не ушёл.", "none"),
        ("ru", "Каждое его заявление противоречит прежнему.", "all"),
        ("ru", "Король, как всегда, опоздал.", None),
        ("ru", "Король опоздал.", None),
    ],
)
def test_quantifiers(language, text, quantifier):
    assert one(text, language).quantifier == quantifier


@pytest.mark.parametrize(
    ("language", "text", "negated"),
    [
        ("en", "The union cannot influence the minister.", True),
        ("en", "The court does not obey the palace.", True),
        ("en", "It is not true that the court obeys the palace.", True),
        ("en", "Illusions are dangerous: that Ankara obeys Athens.", True),
        ("en", "Nobody should believe that the leak was planted by Ankara.", True),
        ("en", "Small islands have no weight in the talks.", True),
        ("en", "The bank would never tell us the truth.", False),
        ("en", "The court obeys the palace.", False),
        ("en", "The court not only obeys the palace but praises it.", False),
        ("en", "This clause is unacceptable for us.", False),
        ("ru", "Профсоюз не может повлиять на министра.", True),
        ("ru", "Суд не подчиняется дворцу.", True),
        ("ru", "Неправда, что суд подчиняется дворцу.", True),
        ("ru", "Они никогда не говорят правды.", False),
        ("ru", "Суд подчиняется дворцу.", False),
    ],
)
def test_negation(language, text, negated):
    assert one(text, language).negated is negated


def test_a_report_denied_by_the_next_sentence_is_negated():
    text = "They say that Ankara obeys Athens. Nothing of the sort. The king obeys the generals. Nothing of the sort."
    claims = read_claims(Text(text=text, language="en", source="test", sha256=""))
    assert [c.negated for c in claims] == [True, True, False, False]  # the author's own assertion is not taken back
