"""A million Events: sealed and verified per second, memory flat, and what a minute costs beside them.

Run by bin/bench: python -m bench.seals [events]
"""

import os
import subprocess
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shijiao.settings")
django.setup()

from django.db import connection

from accounts.models import User
from bench.notices import FLAT, megabytes
from core.models import Event, Seal
from core.seals import newest_line, seal_all, seal_new
from core.verification import verify

MINUTE = 2.0  # seconds that a minute's sealing, and the line on a page, may take beside all that was sealed
INSERT = """
INSERT INTO core_event (by_id, at, "on", move, label, from_state, to_state, note, data, subject_model, subject_pk, area_code, audience)
SELECT %s, CURRENT_TIMESTAMP, '2026-03-02', 'complete', '完成', 'due', 'done', '班前检查已做完,没有发现问题', '{"lines": ["一", "二"]}',
    'duties.occurrence', n, '500110111', 'all'
FROM (WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s) SELECT n FROM numbers) AS wanted
"""


def tell(count, person):
    """So many Events, made by the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [person.pk, count])
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE core_event")
            cursor.execute("ANALYZE core_sealedevent")


def timed(work):
    """(what it returned, seconds)."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def walk():
    """In a process of its own: "events seals seconds peak-in-MB"."""
    verdict, seconds = timed(verify)
    print(verdict.events, verdict.seals, seconds, megabytes(), 0 if verdict.finding is None else 1)


def measure():
    """The figures of `walk`."""
    done = subprocess.run([sys.executable, "-m", "bench.seals", "walk"], capture_output=True, text=True, check=True)  # noqa: S603
    return [float(text) for text in done.stdout.split()]


def main(events=1_000_000):
    """Print the rates and the peaks; exit 1 when memory grows, a minute takes too long, or something does not fit."""
    person = User.objects.create(username="seals", name="封存")
    tell(events // 4, person)
    seal_all()
    few, _, _, small, _ = measure()
    tell(events - events // 4, person)
    made, sealing = timed(seal_all)
    all_, seals, walking, large, bad = measure()
    tell(100, person)
    _, line = timed(newest_line)
    minute, minutes = timed(seal_new)
    again, look = timed(seal_all)
    print(f"{events} Events on {connection.vendor}: sealed {made / sealing:.0f}/s, verified {all_ / walking:.0f}/s ({seals:.0f} seals)")
    print(f"peak memory of verifying {small:.0f} MB for {few:.0f}, {large:.0f} MB for {all_:.0f} (limit {FLAT} times)")
    print(
        f"beside them: a minute of {minute} {minutes:.2f} s, the line {line:.2f} s (limit {MINUTE} s each), the hourly look at all {look:.2f} s"
    )
    fits = (few, all_, bad, minute, again) == (events // 4, events, 0, 100, 0) and Event.objects.filter(sealing=None).count() == 0
    if not fits or large > FLAT * small or max(minutes, line) > MINUTE or Seal.newest().number <= seals:
        sys.exit(1)


if __name__ == "__main__":
    if sys.argv[1:] == ["walk"]:
        walk()
    else:
        main(*map(int, sys.argv[1:]))
