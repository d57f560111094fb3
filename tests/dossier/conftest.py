from __future__ import annotations

import dossier_sample
import pytest
from page_reader import Page

from kayfabe.dossier import build
from kayfabe.evidence import Evidence


@pytest.fixture(scope="session")
def store() -> Evidence:
    return dossier_sample.evidence()


@pytest.fixture(scope="session")
def html(store: Evidence) -> str:
    return build(dossier_sample.case(store), dossier_sample.instruments(), store, dossier_sample.label)


@pytest.fixture(scope="session")
def page(html: str) -> Page:
    return Page(html)
