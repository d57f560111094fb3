"""Which rule a sentence states: where the words do not say it plainly, nobody guesses, for the opposite would be tested."""

import pytest

from kayfabe.instruments.universal import INSTRUMENT
from kayfabe.models import Claim, Kind

SIGN = next(o for o in INSTRUMENT.options if o.name == "sign").fill


def sign(text):
    return SIGN(Claim(id="c1", start=0, end=len(text), text=text, kind=Kind.UNIVERSAL))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Israel never votes against the United States.", "-"),
        ("China always votes the same way as Russia.", "+"),
        ("Norway has always voted with Sweden.", "+"),
        ("The United States invariably votes against the embargo.", "-"),
        ("Russia always votes no.", "-"),
        ("Cuba has never voted for that resolution.", "+"),
        ("Израиль никогда не голосует против Соединённых Штатов.", "-"),
        ("Китай всегда голосует так же, как Россия.", "+"),
        ("США всегда голосуют против резолюции о блокаде.", "-"),
        ("Куба ни разу не голосовала вместе с Вашингтоном.", "+"),
    ],
)
def test_plain_rules(text, wanted):
    assert sign(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Germany does not always vote with Israel.",
        "Canada almost always votes with the United States.",
        "London has never broken with Washington on a single resolution.",
        "Poland never fails to vote with the United States.",
        "Australia never misses a chance to vote against Iran.",
        "Saudi Arabia and Iran are sworn enemies in every vote that matters.",
        "If France never voted against Germany, we would say so.",
        "Japan will never vote against the United States.",
        "Nobody believes that France always votes with Germany.",
        "Turkey has never supported Israel in the Assembly.",
        "Мы, кубинцы, никогда не забудем, кто голосовал против нас.",
        "Польша не всегда голосует так же, как Франция.",
        "Япония никогда не будет голосовать против США.",
        "Если бы Франция всегда голосовала против Германии, мы бы знали.",
    ],
)
def test_other_sentences_are_left_to_the_analyst(text):
    assert sign(text) is None


def test_a_question_without_a_sign_guesses_none():
    asked = INSTRUMENT.ask({"actor": "USA", "toward": "ISR", "quantifier": "always", "in": "events", "sign": None}, str)
    assert asked == "Does USA always keep to this rule toward ISR?"
