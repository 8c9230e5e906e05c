"""Which revision of the hive and of its configuration a container was started with, as one word. Pure."""


def marker(hive: str | None, deployed_sha: str | None) -> str | None:
    """What is noted of a container that starts now; None where the hive's own revision is not known."""
    return None if hive is None else f"{hive}/{deployed_sha or '-'}"


def is_stale(noted: str | None, hive: str | None, deployed_sha: str | None) -> bool | None:
    """Whether a running container would be another one if it were started now; None where that has no meaning.

    One of which nothing was noted was started by a hive that did not take notes.
    """
    current = marker(hive, deployed_sha)
    return None if current is None else noted != current
