"""Reading by a model server, against a real one on this machine that answers well, badly, slowly and with garbage."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_server import (
    ARTICLE,
    BAD,
    actor,
    check_spans,
    completion,
    entry,
    read,
    reader_at,
    serving,
    text_of,
    whole_sentences,
)

from kayfabe.errors import BadOption, Cancelled, ModelServerFailed
from kayfabe.models import Kind
from kayfabe.progress import Progress
from kayfabe.read import ModelServer
from kayfabe.read.reply import Reply, checked, parse, schema
from kayfabe.read.sentences import sentences
from kayfabe.read.wordlists import data_toml

# what becomes of a good answer


def test_a_good_answer_gives_every_field_of_a_claim():
    said = [
        entry(1, "Macron and Scholz only pretend to quarrel.", ("staged-disagreement", 0.7), ("alignment", 0.2), ("fact", 0.1),
              actors=[actor("Scholz"), actor("Macron")]),
        entry(2, "They say that France never votes against Germany", ("universal", 0.9), cue="They say", quantifier="never",
              actors=[actor("France"), actor("Germany")]),
        entry(2, "its economy is sinking.", "turning-point", hedged=True, actors=[actor("its", stands_for="France")]),
        entry(3, "“Nothing of the sort”", "universal", source="ferry operators’ union", cue="answers", negated=True),
        entry(4, "Our side will not yield to the enemy.", "prediction",
              actors=[actor("Our side", points="we"), actor("the enemy", points="enemy")]),
        entry(5, "Amen.", "none"),
    ]  # fmt: skip
    claims, reader, asked = read(lambda _: {"claims": said}, we="POL", enemy="Russia")
    check_spans(text_of(), claims)
    assert [c.text for c in claims] == [e["quote"] for e in said]
    first, second, third, fourth, fifth, last = claims
    assert [(k.kind, k.probability) for k in first.kinds] == [
        ("staged-disagreement", 0.7), ("alignment", 0.2), ("fact", 0.1)]  # fmt: skip
    assert (first.kind, first.testable, first.instrument) == (Kind.STAGED_DISAGREEMENT, True, "accord")
    assert [(m.mention, m.actor) for m in first.actors] == [("Macron", "FRA"), ("Scholz", "DEU")]  # leaders on that day
    assert (second.quantifier, second.attribution.source, second.attribution.cue) == ("never", "unnamed", "They say")
    assert (third.hedged, [m.actor for m in third.actors]) == (True, ["FRA"])
    assert (fourth.negated, fourth.attribution.source) == (True, "ferry operators’ union")
    assert [(m.actor, m.points) for m in fifth.actors] == [("POL", "we"), ("RUS", "enemy")]
    assert (last.kind, last.testable, last.instrument) == (Kind.NONE, False, None)
    assert reader.note == ""
    assert len(asked) == 1


def test_what_the_server_is_asked():
    _, reader, (asked,) = read(whole_sentences)
    assert asked.path == "/v1/chat/completions"
    assert (asked.body["model"], asked.body["temperature"], asked.body["seed"]) == ("small", 0, 0)
    assert asked.body["response_format"]["json_schema"]["schema"] == schema()
    assert [s["text"] for s in asked.material["sentences"]] == [
        ARTICLE[p.start : p.end] for p in sentences(ARTICLE, "en")
    ]
    assert "Authorization" not in asked.headers
    assert reader.settings["prompt"] == data_toml("server_prompt.toml")["id"]


def test_the_prompt_and_the_schema_know_every_kind_and_field():
    prompt = data_toml("server_prompt.toml")["text"]
    assert all(f"- {kind}: " in prompt for kind in Kind)
    item = schema()["properties"]["claims"]["items"]
    assert item["properties"]["kinds"]["items"]["properties"]["kind"]["enum"] == [str(k) for k in Kind]
    example = json.loads(next(line for line in prompt.splitlines() if line.startswith('{"claims"')))
    assert set(example["claims"][0]) == set(item["properties"]) == set(item["required"])
    assert set(checked(example).model_dump()["claims"][0]) == set(item["properties"])


def test_long_texts_go_in_chunks_with_their_neighbours_and_progress():
    long = text_of(" ".join(f"The harbour board met {n} times in spring." for n in range(30)))
    steps = []
    with serving(whole_sentences) as (url, asked):
        claims = reader_at(url).read(long, progress=Progress(steps.append))
    check_spans(long, claims)
    assert [len(a.material["sentences"]) for a in asked] == [12, 12, 6]
    assert asked[1].material["before"] == [c.text for c in claims[9:12]]
    assert asked[1].material["after"] == [c.text for c in claims[24:26]]
    assert [(s.done, s.total) for s in steps if s.stage == "asking the model"] == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert {c.kind for c in claims} == {Kind.VALUE}


def test_a_russian_text_is_read_alike():
    text = text_of("Говорят, что Франция никогда не голосует против Германии. Наши не уступят врагу.", "ru")
    said = [
        entry(1, "Франция никогда не голосует против Германии", "universal", cue="Говорят", quantifier="never",
              actors=[actor("Франция"), actor("Германии")]),
        entry(2, "Наши не уступят врагу.", "prediction", actors=[actor("Наши", points="we"), actor("врагу", points="enemy")]),
    ]  # fmt: skip
    claims, _, _ = read(lambda _: {"claims": said}, text, we="RUS", enemy="UKR")
    check_spans(text, claims)
    assert [[m.actor for m in c.actors] for c in claims] == [["FRA", "DEU"], ["RUS", "UKR"]]
    assert claims[0].attribution.cue == "Говорят"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["claims", "quote", "kinds", "x"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@pytest.fixture(scope="module")
def parrot():
    """A server that answers with what its list holds."""
    says = [b""]
    with serving(lambda _: (200, {}, says[0])) as (url, _):
        yield url, says


@given(
    st.one_of(
        st.binary(max_size=60),
        JSON.map(lambda v: json.dumps(v).encode()),
        JSON.map(lambda v: completion(json.dumps(v))),
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_bytes_come_are_refused_in_one_line_or_read(parrot, answer):
    url, says = parrot
    says[0] = answer
    try:
        claims = reader_at(url, pause=0.0).read(text_of())
    except ModelServerFailed as failed:
        failure = str(failed)
        assert failure.isprintable()  # which no line break is
    else:
        check_spans(text_of(), claims)


# answers that are no answers


@pytest.mark.parametrize(
    "wrapped",
    [
        "Here you are:\n```json\n{}\n```\nAnything else?",
        "<think>{{\"claims\": 3}} hm, {{x}}</think>\n{}",
        "Sure! {} I hope that {{this}} helps.",
        "\n\n{}\n",
    ],
)  # fmt: skip
def test_servers_that_ignore_the_schema_are_understood(wrapped):
    claims, _, asked = read(
        lambda a: wrapped.replace("{{", "{").replace("}}", "}").replace("{}", json.dumps(whole_sentences(a)), 1)
    )
    assert {c.kind for c in claims} == {Kind.VALUE}
    assert len(asked) == 1


def test_a_server_that_refuses_the_schema_is_asked_without_it_from_then_on():
    def script(asked):
        if "response_format" in asked.body:
            return 400, {}, b'{"error": "response_format is not supported"}'
        return whole_sentences(asked)

    long = text_of(" ".join(f"The harbour board met {n} times in spring." for n in range(20)))
    claims, _, asked = read(script, long)
    assert {c.kind for c in claims} == {Kind.VALUE}
    assert ["response_format" in a.body for a in asked] == [True, False, False]


NOT_TRIED_AGAIN = {"404": 1, "401": 1, "400": 2, "huge": 1, "nothing": 1, "all invented": 1}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_answer_is_one_clear_line(name):
    answer, says = BAD[name]
    with serving(lambda _: answer) as (url, asked):
        with pytest.raises(ModelServerFailed) as failed:
            reader_at(url).read(text_of())
        assert says in str(failed.value)
        assert str(failed.value).isprintable()
        assert url in str(failed.value)
    assert len(asked) == NOT_TRIED_AGAIN.get(name, 3)


def test_a_second_try_may_succeed():
    answers = iter([(503, {}, b"loading"), "not yet"])
    claims, _, asked = read(lambda a: next(answers, None) or whole_sentences(a))
    assert {c.kind for c in claims} == {Kind.VALUE}
    assert len(asked) == 3


def test_waits_double_and_the_server_may_ask_for_another(monkeypatch):
    waits = []
    monkeypatch.setattr(time, "sleep", waits.append)
    for headers in ({}, {"Retry-After": "7"}, {"Retry-After": "86400"}, {"Retry-After": "soon"}):
        with serving(lambda _, h=headers: (503, h, b"")) as (url, _), pytest.raises(ModelServerFailed):
            reader_at(url, pause=1.0).read(text_of())
    assert waits == [1.0, 2.0, 7.0, 7.0, 30.0, 30.0, 1.0, 2.0]


def drip(handler):
    """Headers, then a byte now and then, without end."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def drip_headers(handler):
    for _ in range(200):
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("slow", [drip, drip_headers, lambda handler: time.sleep(5)])
def test_a_slow_server_is_given_up(slow):
    with serving(lambda _: slow) as (url, asked):
        begun = time.monotonic()
        with pytest.raises(ModelServerFailed, match=r"no whole answer came within 0.3 seconds.*--timeout"):
            reader_at(url, timeout=0.3).read(text_of())
        assert time.monotonic() - begun < 2
    assert len(asked) == 1


def test_a_connection_that_breaks_is_tried_again():
    def broken(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        handler.wfile.write(b'{"choices"')

    with (
        serving(lambda _: broken) as (url, asked),
        pytest.raises(ModelServerFailed, match="before the answer was whole"),
    ):
        reader_at(url).read(text_of())
    assert len(asked) == 3


def test_no_server_at_all():
    with serving(lambda _: "") as (url, _):
        pass
    with pytest.raises(ModelServerFailed, match=r"the connection failed: .*\(3 tries\)"):
        reader_at(url).read(text_of())


def test_redirects_are_refused_and_nobody_else_hears_the_key(monkeypatch):
    monkeypatch.setenv("KAYFABE_API_KEY", "sk-secret")
    with (
        serving(lambda _: "") as (other, others),
        serving(lambda _: (307, {"Location": other + "?k=sk-secret"}, b"")) as (url, asked),
        pytest.raises(ModelServerFailed, match="redirects to http") as failed,
    ):
        reader_at(url).read(text_of())
    assert (len(asked), others) == (1, [])
    assert asked[0].headers["Authorization"] == "Bearer sk-secret"
    assert "sk-secret" not in str(failed.value)


def test_an_answer_cut_off_is_asked_for_in_halves_and_replays_so():
    def script(asked):
        return (200, {}, completion("{", "length")) if len(asked.material["sentences"]) > 2 else whole_sentences(asked)

    claims, reader, asked = read(script)
    assert {c.kind for c in claims} == {Kind.VALUE}
    assert [len(a.material["sentences"]) for a in asked] == [5, 2, 3, 1, 2]
    assert json.loads(reader.replies())["replies"][0]["reply"] is None


def test_one_sentence_that_is_always_cut_off_is_an_error():
    with pytest.raises(ModelServerFailed, match="longer context"):
        read(lambda _: (200, {}, completion("{", "length")))


@pytest.mark.parametrize(
    "url",
    ["ftp://host/v1", "file:///etc/passwd", "localhost:8000/v1", "http://", "http://host:0/v1", "http://host:99999/v1", "http://[::1/v1",
     "http://name:word@host/v1", "http://host/v1?key=1", "http://host/v1#x", "http://host/v 1", "http://höst/v1", "http://h\x1b[31m/v1", "javascript:1"],
)  # fmt: skip
def test_other_addresses_are_refused(url):
    with pytest.raises(BadOption) as refused:
        ModelServer(url, "small")
    assert str(refused.value).isprintable()
    assert "name:word" not in str(refused.value)


def test_an_address_may_be_given_with_its_endpoint_or_a_slash():
    for url in ("http://h/v1", "http://h/v1/", "http://h/v1/chat/completions"):
        server = ModelServer(url, "small")
        assert (server.url, server.path) == ("http://h/v1", "/v1")


def test_a_reply_may_lack_what_has_a_default_and_have_more():
    said = parse(
        '{"claims": [{"quote": "Amen.", "kinds": [{"kind": "value", "probability": 1}], "source": null, "mood": 1}], "x": 2}'
    )
    assert isinstance(said, Reply)
    assert (said.claims[0].source, said.claims[0].actors) == ("", [])


def test_cancelling_stops_between_chunks():
    long = text_of(" ".join(f"The harbour board met {n} times in spring." for n in range(30)))
    progress = Progress()

    def script(asked):
        progress.cancel()
        return whole_sentences(asked)

    with serving(script) as (url, asked), pytest.raises(Cancelled):
        reader_at(url).read(long, progress=progress)
    assert len(asked) == 1
