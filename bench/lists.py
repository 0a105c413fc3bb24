"""The list of enterprises against the same page written by hand: one SQL statement, the same template."""

import os
import random
import re
import statistics
import sys
import time
from types import SimpleNamespace

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shijiao.settings")
import django

django.setup()

from django.db import connection
from django.test import RequestFactory

from accounts.models import Area, Department, Sector, User
from enterprises.models import Enterprise, HazardTrait, KeyPerson, Membership
from enterprises.models.enterprise import PRINCIPALS, initials
from enterprises.views.enterprises import EnterpriseList

LIMIT = 1.5
TOWN = "500110111"
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BY_HAND = """
WITH page AS (SELECT id, COUNT(*) OVER () AS found FROM enterprises_enterprise
  WHERE area_id >= %s AND area_id < %s ORDER BY name, id LIMIT %s OFFSET %s)
SELECT e.id, e.name, e.credit_code, e.status, e.scale, e.headcount, e.is_crowded, e.is_scattered, e.is_city_level,
       s.name, a.name, d.name,
       (SELECT {join}(t.name, '、') FROM enterprises_enterprise_traits et
          JOIN enterprises_hazardtrait t ON t.id = et.hazardtrait_id WHERE et.enterprise_id = e.id),
       NOT EXISTS (SELECT 1 FROM enterprises_keyperson k WHERE k.enterprise_id = e.id AND k.ended_on IS NULL
          AND k.confirmed_on IS NOT NULL AND k.kind IN ({kinds})),
       page.found
FROM page JOIN enterprises_enterprise e ON e.id = page.id
JOIN accounts_area a ON a.code = e.area_id
LEFT JOIN accounts_sector s ON s.id = e.sector_id
LEFT JOIN accounts_department d ON d.id = e.lead_department_id
ORDER BY e.name, e.id
"""


class Row(SimpleNamespace):
    """What the template asks of an enterprise, from plain columns."""

    def get_absolute_url(self):
        """The file's address."""
        return f"/enterprises/{self.pk}/"

    def get_status_display(self):
        """The status in words."""
        return Enterprise.Status(self.status).label

    def get_scale_display(self):
        """The scale in words."""
        return Enterprise.Scale(self.scale).label if self.scale else ""


class Page:
    """One page of rows by one statement, as far as Django's Paginator needs a list."""

    def __init__(self, number, size):
        self.start, self.size = (number - 1) * size, size
        join = "group_concat" if connection.vendor == "sqlite" else "string_agg"
        kinds = ", ".join(f"'{kind}'" for kind in PRINCIPALS)
        with connection.cursor() as cursor:
            cursor.execute(BY_HAND.format(join=join, kinds=kinds), [TOWN, TOWN[:-1] + chr(ord(TOWN[-1]) + 1), size, self.start])
            self.found = cursor.fetchall()

    def __len__(self):
        return self.found[0][-1] if self.found else 0

    def __getitem__(self, part):
        return [row(*columns) for columns in self.found]


def row(pk, name, code, status, scale, headcount, crowded, scattered, city, sector, area, office, traits, incomplete, _count):
    """One Row from one line of the result."""
    words = [SimpleNamespace(name=word) for word in (traits or "").split("、") if word]
    flags = [label for label, on in (("人员密集", crowded), ("小散乱", scattered), ("市属及以上", city)) if on]
    return Row(
        pk=pk,
        name=name,
        credit_code=code,
        status=status,
        scale=scale,
        headcount=headcount,
        flags=flags,
        sector=SimpleNamespace(name=sector or ""),
        area=SimpleNamespace(name=area),
        lead_department=SimpleNamespace(name=office) if office else None,
        traits=SimpleNamespace(all=lambda: words),
        is_incomplete=bool(incomplete),
    )


class ByHand(EnterpriseList):
    """The same page without the ORM."""

    def get_queryset(self):
        """The rows of this page."""
        self.filter = self.filterset_class(self.request.GET, queryset=Enterprise.objects.none(), request=self.request)
        return Page(int(self.request.GET.get("page", 1)), self.paginate_by)


def fill(count):
    """A town of `count` enterprises and the inspector who looks at them."""
    chance = random.Random(1)
    town, _ = Area.objects.get_or_create(code=TOWN, defaults={"name": "石角镇"})
    areas = [Area.objects.get_or_create(code=f"{TOWN}{n}", defaults={"name": f"第{n}村"})[0] for n in range(201, 221)]
    law = {"edition": "bench", "effective_from": "2019-01-01"}
    sectors = [Sector.objects.get_or_create(code=f"S{n}", defaults={"name": f"行业{n}", **law})[0] for n in range(8)]
    traits = [HazardTrait.objects.get_or_create(code=f"T{n}", defaults={"name": f"特性{n}", **law})[0] for n in range(6)]
    offices = [Department.objects.get_or_create(code=f"D{n}", defaults={"name": f"办公室{n}", "area": town})[0] for n in range(5)]
    user, new = User.objects.get_or_create(username="bench", defaults={"name": "压测"})
    if new:
        Membership.objects.create(user=user, role="inspector", area=town)
    rows = [
        Enterprise(
            name=f"重庆第{n}机械厂",
            initials=initials(f"重庆第{n}机械厂"),
            credit_code="91500110MA" + "".join(chance.choices(SIGNS, k=8)),
            sector=chance.choice(sectors),
            area=chance.choice(areas),
            lead_department=chance.choice([*offices, None]),
            scale=chance.choice(Enterprise.Scale.values),
            headcount=chance.randrange(1, 400),
            is_crowded=chance.random() < 0.2,
        )
        for n in range(count)
    ]
    rows = Enterprise.objects.bulk_create(rows, batch_size=500)
    through = Enterprise.traits.through
    through.objects.bulk_create([through(enterprise=e, hazardtrait=t) for e in rows for t in chance.sample(traits, 2)], batch_size=500)
    KeyPerson.objects.bulk_create(
        [KeyPerson(enterprise=e, kind="manager", name="王厂长", confirmed_on="2026-01-01", confirmed_by=user) for e in rows if e.pk % 3],
        batch_size=500,
    )
    return user


def seconds(view, user, page):
    """(time to make the page, its bytes)."""
    request = RequestFactory().get("/enterprises/", {"page": page})
    request.user, request.htmx = user, False
    began = time.perf_counter()
    text = view(request).render().content.decode()
    return time.perf_counter() - began, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text)


def main(count=5000, rounds=40):
    """Print both medians and their ratio; exit 1 above the limit or when the pages differ."""
    user = fill(count)
    ours, hand = EnterpriseList.as_view(), ByHand.as_view()
    pages = [seconds(view, user, 3)[1] for view in (ours, hand)]
    if pages[0] != pages[1]:
        sys.exit("the two pages differ: the comparison would be unfair")
    times = {"ORM": [], "by hand": []}
    for number in range(rounds):
        page = number % 20 + 1
        for name, view in (("ORM", ours), ("by hand", hand)):
            times[name].append(seconds(view, user, page)[0])
    medians = {name: statistics.median(values) for name, values in times.items()}
    ratio = medians["ORM"] / medians["by hand"]
    print(f"/enterprises/ with {count} rows on {connection.vendor}, {rounds} pages each:")
    print("  ".join(f"{name} {value * 1000:.1f} ms" for name, value in medians.items()) + f"  ratio {ratio:.2f} (limit {LIMIT})")
    if ratio > LIMIT:
        sys.exit(1)


if __name__ == "__main__":
    main(*(int(text) for text in sys.argv[1:]))
