"""What can go wrong with the stack, as sentences that say what to do."""


class StackError(Exception):
    """The stack could not do what was asked; the message names the place and the remedy."""


class InfrastructureMissingError(StackError):
    """This machine does not have what a part needs; nothing is broken."""


class PartUnavailableError(StackError):
    """One road to Kafka, PostgreSQL or Redis is closed; the next one may be open."""


class ServiceNotReadyError(StackError):
    """A process did not become ready; the message ends with the last lines of its log."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name
