"""Somebody who may see the pages of operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.road_client import RoadClient

from upload_api.add_user import add_user

if TYPE_CHECKING:
    from devstack import Stack

NAME, PASSWORD = "olga", "olga operates"


def operator_of(stack: Stack) -> RoadClient:
    """Return a client of an operator, signed in."""
    login = {"SLUICE_DEMO_USER": NAME, "SLUICE_DEMO_PASSWORD": PASSWORD}
    database = {"SLUICE_DATABASE_URL": stack.database_url}
    add_user(database | login | {"SLUICE_DEMO_ROLE": "operator"})
    return RoadClient(stack.gateway, NAME, PASSWORD)
