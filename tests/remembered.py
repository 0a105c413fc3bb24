"""What many tests begin with: built once in a process, afterwards put back by plain INSERTs."""

import copy
import functools
import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from core import moment

T = TypeVar("T")
NAMED = re.compile(r'(?:FROM|JOIN|INTO|UPDATE) "(\w+)"')
BEGINNINGS = 3


def remembered(build: Callable[[], T]) -> Callable[[], T]:
    """build(), whose rows need not be saved one by one in each test.

    What it makes of the tables it reads and writes, as they are when it is called on a day, is kept: called when they are the same
    again, the same rows are put back under the same keys, and the answer is a copy. Of other beginnings the first few are kept too.
    """
    kept: list[SimpleNamespace] = []

    @functools.wraps(build)
    def again() -> T:
        today = timezone.localdate(moment.now())
        with transaction.atomic(), connection.cursor() as cursor:
            now = Tables(cursor)
            for one in kept:
                if one.today == today and all(now[table] == rows for table, rows in one.before.items()):
                    for table, new in one.new.items():
                        marks = ", ".join(["%s"] * len(new[0]))
                        cursor.executemany(f"INSERT INTO {connection.ops.quote_name(table)} VALUES ({marks})", new)
                    return copy.deepcopy(one.answer)
            if len(kept) == BEGINNINGS:
                return build()
            before = {table: now[table] for table in tables()}
            touched: set[str] = set()
            with connection.execute_wrapper(functools.partial(note, touched)):
                answer = build()
            after = {table: rows(cursor, table) for table in before if table in touched}
            new = {table: [row for row in found if row not in before[table]] for table, found in after.items()}
            kept.append(
                SimpleNamespace(
                    today=today,
                    before={table: before[table] for table in after},
                    new={table: found for table, found in new.items() if found},
                    answer=copy.deepcopy(answer),
                )
            )
            return answer

    return again


def note(touched: set[str], execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    """Around each query: which tables it names."""
    touched.update(NAMED.findall(sql))
    return execute(sql, params, many, context)


class Tables(dict[str, list[tuple]]):
    """The rows of each table, read when first asked for."""

    def __init__(self, cursor: Any) -> None:
        super().__init__()
        self.cursor = cursor

    def __missing__(self, table: str) -> list[tuple]:
        self[table] = rows(self.cursor, table)
        return self[table]


def tables() -> list[str]:
    """The tables of all models, those between two of them included."""
    return [model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.managed]


def rows(cursor: Any, table: str) -> list[tuple]:
    """All rows of a table, its columns in the table's own order."""
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
    return cursor.fetchall()
