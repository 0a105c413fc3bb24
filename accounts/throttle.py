"""How often one address or one name may try something that is open to strangers."""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from redis.exceptions import RedisError


def too_many(what: str, whose: str, *, limit: int, seconds: int) -> bool:
    """Count one try; True from the one after `limit` within `seconds`.

    Without a cache nobody is refused: the tries of each code and the sign-in lock are counted in the database.
    """
    key = f"tries:{what}:{hashlib.sha256(whose.encode()).hexdigest()[:32]}"
    try:
        cache.add(key, 0, seconds)
        return cache.incr(key) > limit
    except (RedisError, ValueError):
        return False
