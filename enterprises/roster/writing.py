"""Writing the good rows of an import in chunks, and taking them back."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.utils import timezone
from simple_history.utils import bulk_create_with_history, bulk_update_with_history

from enterprises.models import Enterprise, HazardTrait, KeyPerson, RosterImport, RosterRow
from enterprises.models.enterprise import initials
from enterprises.roster.compare import PLAIN, Known, breaks_headcount, changes, new_people, traits_of, typed

CHUNK = 500
Effect = RosterRow.Effect
Progress = Callable[[int, int], None]


def _chunks(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), CHUNK):
        yield rows[start : start + CHUNK]


def _reason(roster: RosterImport) -> str:
    return f"名册导入 {roster.pk}:{roster.name}"[:100]


def write(roster: RosterImport, *, by: Any, at: datetime.datetime, progress: Progress) -> str:
    """Make and update the enterprises of all good rows; call inside a transaction. The counts as a sentence."""
    rows = list(roster.rows.good().order_by("pk"))
    known = Known(roster.area, [row.cleaned["credit_code"] for row in rows])
    stamp = {"default_user": by, "default_date": at, "default_change_reason": _reason(roster), "batch_size": CHUNK}
    taken: set[str] = set()
    for done, chunk in enumerate(_chunks(rows)):
        fresh = [row for row in chunk if _is_first(row, taken)]
        _make([row for row in fresh if row.cleaned["credit_code"] not in known.by_code], stamp)
        for row in fresh:
            if enterprise := known.by_code.get(row.cleaned["credit_code"]):
                _plan_change(row, enterprise, roster)
        _change([row for row in fresh if row.effect == Effect.CHANGED], known, stamp)
        _keep_effects(fresh)
        progress(min(len(rows), (done + 1) * CHUNK), len(rows))
    made, changed = (sum(row.effect == effect for row in rows) for effect in (Effect.MADE, Effect.CHANGED))
    return f"新建 {made} 家,更新 {changed} 家,其余 {roster.total - made - changed} 行没有写入"


def _keep_effects(rows: list[RosterRow]) -> None:
    """What became of each row; what was before is kept only for what was changed: what was made goes whole."""
    made, changed = ([row for row in rows if row.effect == effect] for effect in (Effect.MADE, Effect.CHANGED))
    RosterRow.objects.filter(pk__in=[row.pk for row in made]).update(effect=Effect.MADE)
    RosterRow.objects.bulk_update(made, ["enterprise"], batch_size=CHUNK)
    RosterRow.objects.bulk_update(changed, ["enterprise", "effect", "before"], batch_size=CHUNK)


def _is_first(row: RosterRow, taken: set[str]) -> bool:
    code = row.cleaned["credit_code"]
    if code in taken:
        return False
    taken.add(code)
    return True


def _make(rows: list[RosterRow], stamp: dict[str, Any]) -> None:
    plain = [{key: typed(key, row.cleaned[key]) for key in PLAIN if key in row.cleaned} for row in rows]
    new = [
        Enterprise(credit_code=row.cleaned["credit_code"], initials=initials(row.cleaned["name"]), **values)
        for row, values in zip(rows, plain, strict=True)
    ]
    made = bulk_create_with_history(new, Enterprise, **stamp) if new else []
    for row, enterprise in zip(rows, made, strict=True):
        row.enterprise, row.effect = enterprise, Effect.MADE
    _add_traits((row.enterprise_id, row.cleaned.get("traits", ())) for row in rows)
    _add_people(((row, row.cleaned.get("people", ())) for row in rows), stamp)


def _add_traits(pairs: Iterable[tuple[int | None, Iterable[int]]]) -> None:
    link = Enterprise.traits.through
    link.objects.bulk_create([link(enterprise_id=pk, hazardtrait_id=trait) for pk, traits in pairs for trait in traits], batch_size=CHUNK)


def _add_people(pairs: Iterable[tuple[RosterRow, Iterable[dict[str, str]]]], stamp: dict[str, Any]) -> None:
    new, owners = [], []
    for row, people in pairs:
        for key, person in {(p["kind"], p["name"]): p for p in people}.items():
            new.append(KeyPerson(enterprise_id=row.enterprise_id, kind=key[0], name=key[1], phone=person["phone"]))
            owners.append(row)
    made = bulk_create_with_history(new, KeyPerson, **stamp) if new else []
    for row, person in zip(owners, made, strict=True):
        row.before.setdefault("people", []).append(person.pk)


def _plan_change(row: RosterRow, enterprise: Enterprise, roster: RosterImport) -> None:
    """What the enterprise was before, kept on the row; nothing for one that is equal or no longer ours to change."""
    if breaks_headcount(row.cleaned, enterprise) or not enterprise.area_id.startswith(roster.area_id):
        return
    new = changes(row.cleaned, enterprise)
    added, phones = new_people(row.cleaned, enterprise.people_now)
    traits = sorted(set(row.cleaned.get("traits", ())) - traits_of(enterprise))
    if not (new or added or phones or traits):
        return
    old = {key: getattr(enterprise, key) for key in new}
    row.before = {
        "fields": {key: value.isoformat() if isinstance(value, datetime.date) else value for key, value in old.items()},
        "phones": {str(person.pk): person.phone for person, _ in phones},
        "traits": traits,
    }
    row.enterprise, row.effect = enterprise, Effect.CHANGED
    for key, value in new.items():
        setattr(enterprise, key, value)
    enterprise.initials = initials(enterprise.name)


def _change(rows: list[RosterRow], known: Known, stamp: dict[str, Any]) -> None:
    if not rows:
        return
    touched = [row.enterprise for row in rows if row.before["fields"] or row.before["traits"]]
    if touched:
        bulk_update_with_history(touched, Enterprise, [*PLAIN, "initials"], **stamp)
    _tell_traits(rows, stamp, added=True)
    _add_traits((row.enterprise_id, row.before["traits"]) for row in rows)
    people = [(row, *new_people(row.cleaned, row.enterprise.people_now)) for row in rows]
    _set_phones([(person, phone) for _, _, phones in people for person, phone in phones], stamp)
    _add_people(((row, added) for row, added, _ in people), stamp)


def _tell_traits(rows: list[RosterRow], stamp: dict[str, Any], *, added: bool) -> None:
    """An Event per enterprise whose traits are about to change."""
    names = {trait.pk: trait.name for trait in HazardTrait.objects.all()}
    for row in rows:
        if not row.before["traits"]:
            continue
        now = {trait.pk for trait in row.enterprise.traits.all()}
        then = now | set(row.before["traits"]) if added else now - set(row.before["traits"])
        before, after = ("、".join(names[pk] for pk in names if pk in held) for held in (now, then))
        row.enterprise.tell_traits(before, after, by=stamp["default_user"], on=timezone.localdate())


def _set_phones(pairs: list[tuple[KeyPerson, str]], stamp: dict[str, Any]) -> None:
    for person, phone in pairs:
        person.phone = phone
    if pairs:
        bulk_update_with_history([person for person, _ in pairs], KeyPerson, ["phone"], **stamp)


def take_back(roster: RosterImport, *, by: Any, progress: Progress) -> str:
    """Delete what the import made and restore what it changed; call inside a transaction, after `ties()`."""
    rows = list(roster.rows.written().select_related("enterprise"))
    stamp = {"default_user": by, "default_change_reason": f"撤销{_reason(roster)}"[:100], "batch_size": CHUNK}
    made = [row for row in rows if row.effect == Effect.MADE]
    changed = [row for row in rows if row.effect == Effect.CHANGED]
    for done, chunk in enumerate(_chunks(changed)):
        _restore(chunk, stamp)
        progress(min(len(changed), (done + 1) * CHUNK), len(rows))
    for done, chunk in enumerate(_chunks([row.enterprise_id for row in made])):
        _delete(chunk, stamp)
        progress(len(changed) + min(len(made), (done + 1) * CHUNK), len(rows))
    return f"删除 {len(made)} 家,恢复 {len(changed)} 家"


def _delete(pks: list[int], stamp: dict[str, Any]) -> None:
    """Delete enterprises on which nothing hangs but their people and traits, with a deletion entry for each row, in bulk.

    Anything else that points at them is refused by the database's foreign keys.
    """
    RosterRow.objects.filter(enterprise__in=pks).update(enterprise=None)
    Enterprise.traits.through.objects.filter(enterprise__in=pks).delete()
    for rows in (KeyPerson.objects.filter(enterprise__in=pks), Enterprise.objects.filter(pk__in=pks)):
        entries = rows.model.history.bulk_history_create(list(rows), update=True, **stamp)
        rows.model.history.filter(pk__in=[entry.pk for entry in entries]).update(history_type="-")
        rows._raw_delete(rows.db)


def _restore(rows: list[RosterRow], stamp: dict[str, Any]) -> None:
    for row in rows:
        for key, value in row.before["fields"].items():
            setattr(row.enterprise, key, typed(key, value))
        row.enterprise.initials = initials(row.enterprise.name)
    _tell_traits(rows, stamp, added=False)
    for row in rows:
        row.enterprise.traits.remove(*row.before["traits"])
    touched = [row.enterprise for row in rows if row.before["fields"] or row.before["traits"]]
    if touched:
        bulk_update_with_history(touched, Enterprise, [*PLAIN, "initials"], **stamp)
    KeyPerson.objects.filter(pk__in=[pk for row in rows for pk in row.before.get("people", ())]).delete()
    phones = {int(pk): phone for row in rows for pk, phone in row.before["phones"].items()}
    _set_phones([(person, phones[person.pk]) for person in KeyPerson.objects.filter(pk__in=phones)], stamp)
