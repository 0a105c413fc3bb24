"""What many tests begin with: built once in a process, afterwards put back by plain INSERTs."""

import copy
import functools
from collections.abc import Callable
from types import SimpleNamespace
from typing import TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from core import moment

T = TypeVar("T")


def remembered(build: Callable[[], T]) -> Callable[[], T]:
    """build(), whose rows need not be saved one by one in each test.

    The first call builds and keeps what came into the tables; a later one puts the same rows back under the same keys, and answers
    with a copy of what build() answered. It is built anew on another day, or when a table it writes to holds more or fewer rows
    than it did before the first call (a key might be taken).
    """
    kept: dict = {}

    @functools.wraps(build)
    def again() -> T:
        today = timezone.localdate(moment.now())
        memory = kept.get(today)
        with transaction.atomic(), connection.cursor() as cursor:
            if memory is None:
                before = {table: rows(cursor, table) for table in tables()}
                answer = build()
                new = {table: [row for row in rows(cursor, table) if row not in had] for table, had in before.items()}
                new = {table: found for table, found in new.items() if found}
                kept[today] = SimpleNamespace(new=new, sizes=[len(before[table]) for table in new], answer=copy.deepcopy(answer))
                return answer
            if sizes(cursor, memory.new) != memory.sizes:
                return build()
            for table, found in memory.new.items():
                marks = ", ".join(["%s"] * len(found[0]))
                cursor.executemany(f"INSERT INTO {connection.ops.quote_name(table)} VALUES ({marks})", found)
        return copy.deepcopy(memory.answer)

    return again


def tables() -> list[str]:
    """The tables of all models, those between two of them included."""
    return [model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def rows(cursor, table: str) -> list[tuple]:
    """All rows of a table, its columns in the table's own order."""
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return cursor.fetchall()


def sizes(cursor, names) -> list[int]:
    """How many rows each of these tables holds."""
    cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {connection.ops.quote_name(name)})" for name in names))
    return list(cursor.fetchone())
