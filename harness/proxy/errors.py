"""Why the proxy does not connect, in words for the agent and for the record."""


class RefusedError(Exception):
    """The host is not to be reached from this agent. The message says why."""


class UnreachableError(Exception):
    """The host may be reached and was not: no such name, nobody there, too late."""


class BadRequestError(Exception):
    """The client does not speak the protocol."""
