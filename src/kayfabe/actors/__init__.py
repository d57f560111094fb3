"""Who is meant: names, metonyms, leaders with tenures, blocs with membership dates; facts in data, one resolver."""

from kayfabe.actors.facts import Actor, Membership
from kayfabe.actors.resolver import Actors, Found, load_actors

__all__ = ["Actor", "Actors", "Found", "Membership", "load_actors"]
