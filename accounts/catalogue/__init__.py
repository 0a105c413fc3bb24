"""Reference data of this app."""

from core.catalogue import Loaded


def load() -> list[Loaded]:
    """Nothing yet."""
    return []
