"""One day's occurrences of 50,000 firms with three units each, against a bare INSERT … SELECT into a table with the same indexes.

Needs PostgreSQL (bin/bench starts a throw-away one): python -m bench.occurrences [firms]
"""

import datetime
import os
import statistics
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shijiao.settings")
import django

django.setup()

from django.core.management import call_command
from django.db import connection

from duties.making import Maker
from duties.periods import ONE_DAY, window

LIMIT = 2.0
DAY = datetime.date(2027, 3, 1)
ROUNDS = 3
FILL = """
INSERT INTO accounts_area (code, name) VALUES ('500110111201', '第一村') ON CONFLICT DO NOTHING;
INSERT INTO enterprises_enterprise (name, initials, credit_code, industry_code, area_id, address, status, scale, headcount,
  is_city_level, is_crowded, is_scattered, remark, created_at)
  SELECT '第' || n || '厂', 'd', '91500113MA' || lpad(n::text, 8, '0'), '', '500110111201', '',
    CASE WHEN n %% 50 = 0 THEN 'stopped' ELSE 'active' END, '', 40, false, false, false, '', now() FROM generate_series(1, %(firms)s) n;
INSERT INTO enterprises_unit (enterprise_id, kind, name) SELECT id, 'plant', '全厂' FROM enterprises_enterprise;
INSERT INTO enterprises_unit (enterprise_id, parent_id, kind, name)
  SELECT u.enterprise_id, u.id, 'team', n || '班' FROM enterprises_unit u, generate_series(1, 2) n WHERE u.kind = 'plant';
INSERT INTO accounts_user (password, is_superuser, username, email, is_staff, is_active, date_joined, name, phone)
  VALUES ('!', false, 'bench', '', false, true, now(), '压测', '') ON CONFLICT DO NOTHING;
INSERT INTO enterprises_stopperiod (enterprise_id, starts_on, ends_on, reason, by_id)
  SELECT e.id, '2027-02-20', '2027-03-10', '检修', u.id FROM enterprises_enterprise e, accounts_user u WHERE u.username = 'bench' AND e.id %% 20 = 0;
INSERT INTO duties_dutyplan (enterprise_id, unit_id, duty_id, checklist_code, days, shift, shift_hours, starts_on)
  SELECT u.enterprise_id, u.id, d.id, 'TPL-DAILY-TEAM', 'workdays', '', 24, '2026-01-01' FROM enterprises_unit u, duties_duty d WHERE d.code = 'TEAM-DAILY';
ANALYZE;
"""
COLUMNS = (
    "enterprise_id, unit_id, plan_id, responsible_id, duty_code, level, shift, frequency, state, version, "
    "period_start, period_end, opens_at, closes_at, made_late, record_model"
)
BARE = f"""
INSERT INTO bare ({COLUMNS}) SELECT enterprise_id, unit_id, id, responsible_id, 'TEAM-DAILY', 'team', shift, 'day', 'due', 0,
  %s, %s, %s, %s, false, '' FROM duties_dutyplan
"""


def fill(firms):
    """The county, by plain SQL, and history of another hundred days so that the indexes are not empty."""
    call_command("load_catalogue", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"firms": firms})
        cursor.execute("CREATE TABLE bare (LIKE duties_occurrence INCLUDING ALL)")
    maker = Maker()
    maker.make(DAY - 12 * ONE_DAY, DAY - ONE_DAY)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO bare ({COLUMNS}) SELECT {COLUMNS} FROM duties_occurrence")
        cursor.execute("VACUUM ANALYZE duties_occurrence")
        cursor.execute("VACUUM ANALYZE bare")


def timed(action):
    """(seconds, what it returned)."""
    began = time.perf_counter()
    result = action()
    return time.perf_counter() - began, result


def bare(day):
    """The rows of one day for all plans, with nothing asked and nothing refused."""
    with connection.cursor() as cursor:
        cursor.execute(BARE, [day, day, *window(day, day)])
        return cursor.rowcount


def main(firms=50_000):
    """Print both medians per row, their ratio, and a second run; exit 1 above the limit."""
    if connection.vendor != "postgresql":
        sys.exit("bench.occurrences needs PostgreSQL: set DATABASE_URL, or run bin/bench")
    fill(firms)
    ours, plain = [], []
    for number in range(ROUNDS):
        day = DAY + 7 * number * ONE_DAY
        spent, rows = timed(lambda day=day: bare(day))
        plain.append(spent / rows)
        spent, made = timed(lambda day=day: Maker().make(day, day))
        ours.append(spent / made)
        again, none = timed(lambda day=day: Maker().make(day, day))
        print(f"{day}: bare {rows} rows {plain[-1] * rows:.2f} s; ours {made} rows {spent:.2f} s; again {none} rows {again:.2f} s")
        if none:
            sys.exit("a second run made rows again")
    ratio = statistics.median(ours) / statistics.median(plain)
    print(f"occurrences of one day, {firms} firms × 3 units, per row: ratio {ratio:.2f} (limit {LIMIT})")
    if ratio > LIMIT:
        sys.exit(1)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
