"""Ties out of tables: from statements (who agrees with whom) and from posts (who shares with whom)."""

from kayfabe.networks.coding import agreement, read_statements
from kayfabe.networks.definitions import Definition
from kayfabe.networks.discourse import Network, networks
from kayfabe.networks.statements import Statements, coded

__all__ = ["Definition", "Network", "Statements", "agreement", "coded", "networks", "read_statements"]
