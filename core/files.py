"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import uuid
from pathlib import Path

from django.core.files.storage import default_storage


def keep_whole(name: str, data: bytes) -> str:
    """Store bytes under MEDIA_ROOT/name; whoever looks sees the whole file or none, also when the process dies meanwhile.

    The same bytes under the same name again change nothing that anybody can see.
    """
    path = Path(default_storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f"{path.name}.*.part"):
        left.unlink(missing_ok=True)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    with part.open("xb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
    return name
