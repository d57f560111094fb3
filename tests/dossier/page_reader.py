"""Reads a page back, the way a browser's parser would, for the tests to ask questions of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "wbr", "source", "base"})


@dataclass
class Element:
    tag: str
    attrs: dict[str, str]
    parents: tuple[Element, ...] = ()
    text: str = ""

    def inside(self, **wanted: str) -> bool:
        return any(all(p.attrs.get(k.rstrip("_")) == v for k, v in wanted.items()) for p in self.parents)

    def inside_tag(self, tag: str) -> bool:
        return any(p.tag == tag for p in self.parents)


@dataclass
class Page(HTMLParser):
    """Every element in order, each with its parents and its whole text."""

    html: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self.feed(self.html)
        self.close()
        assert not self._open, f"not closed: {[e.tag for e in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [k for k, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {names}"
        element = Element(tag, {k: v or "" for k, v in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"closes nothing: {tag}"
        assert self._open[-1].tag == tag, f"{self._open[-1].tag} closed by {tag}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str = "", **attrs: str) -> list[Element]:
        wanted = {k.rstrip("_").replace("_", "-"): v for k, v in attrs.items()}
        return [
            e
            for e in self.elements
            if (not tag or e.tag == tag) and all(v in e.attrs.get(k, "").split() for k, v in wanted.items())
        ]

    def one(self, tag: str = "", **attrs: str) -> Element:
        found = self.all(tag, **attrs)
        assert len(found) == 1, f"{len(found)} of {tag} {attrs}"
        return found[0]
