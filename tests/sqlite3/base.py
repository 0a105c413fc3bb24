"""SQLite in memory that begins with what the migrations made last time, as long as nothing they read has changed.

To migrate an empty database takes longer than most test files do.
"""

import hashlib
import os
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db.backends.sqlite3 import base, creation


def kept() -> Path:
    """Where the migrated tables are kept: under a digest of our migrations and the fields they name, of what is installed, of Python and SQLite."""
    root = settings.BASE_DIR
    digest = hashlib.sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    for path in (root / "requirements-dev.txt", root / "core" / "fields.py", *sorted(root.glob("*/migrations/*.py"))):
        digest.update(path.read_bytes())
    return root / "build" / f"test-{digest.hexdigest()[:16]}.sqlite3"


class DatabaseCreation(creation.DatabaseCreation):
    """Copies the tables in before migrating, which then finds nothing to do."""

    def create_test_db(self, *args, **kwargs):
        self.file = kept()
        self.is_kept = self.file.exists()
        name = super().create_test_db(*args, **kwargs)
        if not self.is_kept:
            self._keep()
        return name

    def _create_test_db(self, *args, **kwargs):
        name = super()._create_test_db(*args, **kwargs)
        if self.is_kept:
            # Held open until Django has opened it too: a database in memory lives as long as a connection to it.
            self.holder = sqlite3.connect(name, uri=True)
            with closing(sqlite3.connect(self.file)) as source:
                source.backup(self.holder)
        return name

    def _keep(self) -> None:
        """Another process may do the same at the same moment: each writes a file of its own and puts it in place at once."""
        self.file.parent.mkdir(exist_ok=True)
        ours = self.file.with_suffix(f".{os.getpid()}")
        with closing(sqlite3.connect(ours)) as target:
            self.connection.connection.backup(target)
        ours.replace(self.file)


class DatabaseWrapper(base.DatabaseWrapper):
    creation_class = DatabaseCreation
