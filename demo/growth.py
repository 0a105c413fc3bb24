"""seed_demo --scale N: N − 1 further townships of invented firms, for benches; chunk by chunk, so that memory stays flat."""

from __future__ import annotations

import random
from collections.abc import Iterator

from demo import bulk
from demo.days import Days
from demo.people import GIVEN, SURNAMES, Cast, Town
from demo.scenes import Album
from enterprises.models import Enterprise, KeyPerson
from enterprises.models.enterprise import initials

FIRST_CODE = 5_000_000
CODE_CHARS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
AT_ONCE = 500
KINDS = ("manager", "safety")


def grow(like: list[Enterprise], scale: int, cast: Cast, days: Days, town: Town) -> Iterator[list[int]]:
    """Firms like the ones imported, with people and plans; the pks of each portion. Their rows are not made yet."""
    total = (scale - 1) * len(like)
    for start in range(0, total, AT_ONCE):
        numbers = range(start, min(start + AT_ONCE, total))
        made = Enterprise.objects.bulk_create([_copy(like[number % len(like)], number) for number in numbers], batch_size=500)
        traits = Enterprise.traits.through
        own = {row.pk: [trait.pk for trait in row.traits.all()] for row in like}
        pairs = [(row.pk, trait) for number, row in zip(numbers, made, strict=True) for trait in own[like[number % len(like)].pk]]
        traits.objects.bulk_create([traits(enterprise_id=pk, hazardtrait_id=trait) for pk, trait in pairs], batch_size=500)
        people = [KeyPerson(enterprise=row, kind=kind, name=_name(row.pk, kind)) for row in made for kind in KINDS]
        KeyPerson.objects.bulk_create(people, batch_size=500)
        firms = bulk.Staffing(cast, made).make()
        bulk.confirm(firms, days.first, town.inspectors[0])
        yield [firm.enterprise.pk for firm in bulk.plan(firms, days, town)]


def tell(pks: list[int], days: Days, town: Town, album: Album) -> None:
    """Half a year of these firms; read anew, so that nobody has to keep them."""
    for start in range(0, len(pks), bulk.AT_ONCE):
        firms = bulk.read(pks[start : start + bulk.AT_ONCE])
        bulk.write_all(bulk.History(days, town, album, pks[start]), firms, days)


def _copy(like: Enterprise, number: int) -> Enterprise:
    name = f"重庆綦江{number + 1}号{like.name[4:]}"
    return Enterprise(
        name=name,
        initials=initials(name),
        credit_code=credit_code(FIRST_CODE + number),
        sector=like.sector,
        industry_code=like.industry_code,
        area=like.area,
        status=like.status,
        headcount=like.headcount,
        scale=like.scale,
        lead_department=like.lead_department,
    )


def _name(number: int, kind: str) -> str:
    chance = random.Random(f"{kind}{number}")
    return chance.choice(SURNAMES) + chance.choice(GIVEN)


def credit_code(number: int) -> str:
    """A valid invented code (GB 32100-2015) from a running number."""
    body = f"91500110MA{number:07d}"
    total = sum(CODE_CHARS.index(c) * w for c, w in zip(body, WEIGHTS, strict=True))
    return body + CODE_CHARS[(31 - total % 31) % 31]
