"""What a model server is asked for, as JSON schema, and its answer, checked. No text and no network here."""

from __future__ import annotations

import json
import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from kayfabe.models import Kind

_MOST_TRIES = 100  # braces at which an answer with words around its JSON is tried


def _none_as_empty(value: Any) -> Any:
    return "" if value is None else value


Words = Annotated[str, Field(max_length=4_000), BeforeValidator(_none_as_empty)]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")


class KindSaid(_Part):
    kind: Words
    probability: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class ActorSaid(_Part):
    mention: Words
    stands_for: Words = ""
    points: Annotated[Literal["", "we", "enemy"], BeforeValidator(_none_as_empty)] = ""


class ClaimSaid(_Part):
    """One entry as the model gave it; nothing in it has been compared with the text yet."""

    sentence: int = 0
    quote: Words
    kinds: list[KindSaid] = Field(max_length=40)
    actors: list[ActorSaid] = Field(default_factory=list, max_length=100)
    source: Words = ""
    cue: Words = ""
    hedged: bool = False
    quantifier: Annotated[Literal["", "always", "never", "all", "none"], BeforeValidator(_none_as_empty)] = ""
    negated: bool = False


class Reply(_Part):
    claims: list[ClaimSaid] = Field(max_length=1_000)


def schema() -> dict[str, Any]:
    """The JSON schema of a Reply, in the subset that servers with strict schemas take: all required, nothing more."""
    words = {"type": "string"}
    kind = _object(kind={"type": "string", "enum": [str(k) for k in Kind]}, probability={"type": "number"})
    actor = _object(mention=words, stands_for=words, points={"type": "string", "enum": ["", "we", "enemy"]})
    claim = _object(
        sentence={"type": "integer"},
        quote=words,
        kinds={"type": "array", "items": kind},
        actors={"type": "array", "items": actor},
        source=words,
        cue=words,
        hedged={"type": "boolean"},
        quantifier={"type": "string", "enum": ["", "always", "never", "all", "none"]},
        negated={"type": "boolean"},
    )
    return _object(claims={"type": "array", "items": claim})


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def parse(content: str) -> Reply:
    """The answer in `content`: JSON, or JSON among other words, as servers write it that know no schema.

    Raises ValueError, saying what was seen, for anything else.
    """
    return checked(_json_in(content))


def checked(value: Any) -> Reply:
    """`value`, parsed JSON, as a Reply. Raises ValueError naming the first thing that is wrong."""
    try:
        return Reply.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(p) for p in first["loc"]) or "the answer"
        raise ValueError(f"its JSON does not fit the schema ({where}: {first['msg']})") from None


def strict_json(text: str | bytes) -> Any:
    """`text` as JSON. Raises ValueError also for NaN, infinities and nesting too deep to follow."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _json_in(content: str) -> Any:
    content = content.rpartition("</think>")[2].strip()
    fenced = re.search(r"```(?:json)?\s*\n(.*?)```", content, re.DOTALL)
    for candidate in (content, fenced.group(1) if fenced else ""):
        try:
            return strict_json(candidate)
        except ValueError:
            pass
    decoder = json.JSONDecoder(parse_constant=_refuse)
    at = content.find("{")
    for _ in range(_MOST_TRIES):
        if at < 0:
            break
        try:
            value, _ = decoder.raw_decode(content, at)
            if isinstance(value, dict) and "claims" in value:
                return value
        except (ValueError, RecursionError):
            pass
        at = content.find("{", at + 1)
    raise ValueError("its answer is not JSON" if content else "its answer is empty")
