"""Splitting an agreement: what opens a provision, what continues it."""

from kayfabe.evidence.provisions import Provision, preview, split


def numbers(text):
    return [p.provision for p in split(text)]


def test_numbered_points_with_preamble():
    found = split("We agree:\n\n1. Stop firing.\n2. Go home,\nall of you.\n3) Talk.")
    assert found == [
        Provision("preamble", "", "We agree:"),
        Provision("1", "", "Stop firing."),
        Provision("2", "", "Go home, all of you."),
        Provision("3", "", "Talk."),
    ]


def test_a_number_out_of_sequence_is_text():
    assert numbers("1. The rate is\n15. percent is the rest.\n2. Done.") == ["1", "2"]


def test_a_zero_width_space_after_the_number_does_not_hide_it():
    assert numbers("1.\u200b The first.\n2.\u200b The second.\n3.\u200bThe third.") == ["1", "2", "3"]


def test_articles_prefix_their_points_and_give_the_heading():
    found = split("Article I: Aims\n1. One.\n2. Two.\nArticle II\nMeans\n1. Three.\na) First way.\nb) Second way.")
    assert [(p.provision, p.heading) for p in found] == [
        ("I.1", "Aims"), ("I.2", "Aims"), ("II.1", "Means"), ("II.1a", "Means"), ("II.1b", "Means"),
    ]  # fmt: skip


def test_russian_articles():
    assert numbers("Статья 1. Цели\n1. Первое.\n2. Второе.\nСтатья 2. Средства\n1. Третье.") == ["1.1", "1.2", "2.1"]


def test_lists_that_start_over_stay_apart():
    assert numbers("1. A.\n2. B.\n\n1. C.\n2. D.") == ["1", "2", "1-2", "2-2"]


def test_text_without_numbers_gives_paragraphs():
    assert [p.text for p in split("First\nline.\n\nSecond.")] == ["First line.", "Second."]


def test_nothing_is_lost():
    text = "Preamble here.\n1. Alpha beta.\n- a bullet\n2. Gamma.\n\nClosing words."
    assert " ".join(p.text for p in split(text)) == "Preamble here. Alpha beta. a bullet Gamma. Closing words."


def test_empty_text():
    assert split(" \n ") == []
    assert preview([]) == "0 provisions"


def test_preview_shows_number_heading_and_beginning():
    shown = preview([Provision("9", "", "x" * 50), Provision("10", "Trade", "free")], width=20)
    assert shown.splitlines() == ["2 provisions", " 9  " + "x" * 19 + "…", "10  Trade: free"]

