"""The local stack: real Kafka, PostgreSQL and Redis, and the services as supervised processes."""

from devstack.endpoints import Endpoint, Endpoints, Part
from devstack.errors import StackError
from devstack.service_spec import ServiceSpec
from devstack.services import SluiceOptions
from devstack.stack import Stack

__all__ = ["Endpoint", "Endpoints", "Part", "ServiceSpec", "SluiceOptions", "Stack", "StackError"]
