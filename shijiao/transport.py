"""Kombu's Redis transport, with one difference: a lost connection is always told as a lost connection."""

from __future__ import annotations

from typing import Any

from kombu.transport import redis
from redis.exceptions import ConnectionError as LostConnection


class Channel(redis.Channel):
    """A channel that outlives its connection, as happens when Redis stops while a message is being worked on.

    Kombu 5.7 then reads the address of a connection that is None, and the AttributeError ends the whole worker.
    Told as LostConnection it is handled like any other loss, and the worker connects again.
    """

    def _connparams(self, *args: Any, **kwargs: Any) -> Any:
        if self.connection.client is None:
            raise LostConnection("the connection of this channel is closed")
        return super()._connparams(*args, **kwargs)


class Transport(redis.Transport):
    """Redis with that channel."""

    Channel = Channel
