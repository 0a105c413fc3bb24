"""The draw against the stand-alone verifier, which shares no code with it."""

import copy
import json
import random
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from inspections import drawing

VERIFIER = Path(__file__).parents[2] / "static/verify/verify_draw.py"
program = runpy.run_path(str(VERIFIER))
verify, Mismatch = program["verify"], program["Mismatch"]
REASONS = ("relative", "former_employer", "interest")


def lists_by(rng, firms, people):
    """Lists with weights, exclusions and conflicts, in no order."""
    objects = [
        {
            "key": f"91500{rng.randrange(10**12):013d}",
            "name": f"企业{n}",
            "weight": rng.choice((1, 1, 2, 3, 4)),
            "excluded": rng.choice((None,) * 6 + ("停产",)),
        }
        for n in range(firms)
    ]
    officers = [{"key": f"{n + 1:06d}", "name": f"人员{n}", "excluded": rng.choice((None,) * 5 + ("休假",))} for n in range(people)]
    pairs = {(rng.choice(objects)["key"], rng.choice(officers)["key"]) for _ in range(rng.randrange(people))}
    conflicts = [{"object": firm, "officer": person, "reason": rng.choice(REASONS)} for firm, person in sorted(pairs)]
    rng.shuffle(objects)
    return {"objects": objects, "officers": officers, "conflicts": conflicts}


def changed(rng, result):
    """A random change applied to the result, as the file lists it; None when it could not be."""
    picks = [pick for pick in result.picks if pick.officers] if rng.random() < 0.5 else []
    row = {"kind": "replace_object", "object": None, "officer": None, "by": "甲", "approved_by": "乙", "reason": "理由", "at": "x"}
    if picks:
        pick = rng.choice(picks)
        officer = rng.choice(pick.officers)[1]
        following = result.replace_officer(pick.object, officer)
        return following and {**row, "kind": "replace_officer", "object": pick.object, "officer": officer, "replacement": following[1]}
    if not result.picks:
        return None
    key = rng.choice(result.picks).object
    comes = result.replace_object(key)
    return {**row, "object": key, "replacement": comes.object if comes else None}


def file_by(rng, firms=None, people=None, changes=None, **rules):
    """A whole file, and the result in force."""
    lists = drawing.in_order(lists_by(rng, firms or rng.randrange(3, 40), people or rng.randrange(3, 12)))
    secret, value, digest = f"{rng.getrandbits(256):064x}", f"{rng.randrange(10**9)}", drawing.lists_sha256(lists)
    rules = {"n": rng.randrange(1, 9), "officers_per_object": 2, "max_per_officer": rng.choice((None, 1, 2, 3)), **rules}
    seed = drawing.seed_of(secret, value, digest)
    result = drawing.Result(lists, seed=seed, **rules)
    drawn = [
        {"object": p.object, "ticket": p.ticket, "officers": [{"key": key, "ticket": ticket} for ticket, key in p.officers]}
        for p in result.draw()
    ]
    made = [changed(rng, result) for _ in range(rng.randrange(4) if changes is None else changes)]
    rows = [row for row in made if row]
    if rng.random() < 0.05:
        void = {"kind": "void", "object": None, "officer": None, "by": "甲", "approved_by": "乙", "reason": "名单有误"}
        rows.append({**void, "at": "x", "replacement": None})
    data = {
        "format": "shijiao-draw/1",
        "id": "2026-001",
        "title": "抽取",
        "commitment": drawing.commitment(secret),
        "committed_at": "2026-03-01T09:00:00+08:00",
        "public_event": "开奖号码",
        "frozen_at": "2026-03-02T09:00:00+08:00",
        "public_value_at": "2026-03-02T21:15:00+08:00",
        "drawn_at": "2026-03-03T09:00:00+08:00",
        "secret": secret,
        "public_value": value,
        "lists_sha256": digest,
        "seed": seed,
        **rules,
        **lists,
        "drawn": drawn,
        "changes": rows,
    }
    return data, result


@pytest.mark.req("R49")
@pytest.mark.req("B1")
def test_a_thousand_draws_with_their_changes_are_replayed_by_a_program_that_shares_no_code():
    seen = {"replace_object": 0, "replace_officer": 0, "void": 0, "short": 0, "conflicts": 0}
    for number in range(1000):
        data, result = file_by(random.Random(number))
        assert verify(json.loads(json.dumps(data))) == {p.object: [key for _, key in p.officers] for p in result.picks}, number
        for row in data["changes"]:
            seen[row["kind"]] += 1
        seen["short"] += any(not row["officers"] for row in data["drawn"])
        seen["conflicts"] += bool(data["conflicts"])
    assert min(seen.values()) > 20, seen


@pytest.mark.req("B1")
def test_no_conflict_no_excluded_and_no_one_beyond_the_cap_is_ever_drawn():
    for number in range(300):
        data, result = file_by(random.Random(number))
        out = {row["key"] for name in ("objects", "officers") for row in data[name] if row["excluded"]}
        pairs = {(row["object"], row["officer"]) for row in data["conflicts"]}
        seats = [(pick.object, key) for pick in result.picks for _, key in pick.officers]
        assert not out & {key for seat in seats for key in seat} and not pairs & set(seats)
        loads = [sum(key == officer for _, key in seats) for officer in {key for _, key in seats}]
        assert data["max_per_officer"] is None or max(loads, default=0) <= data["max_per_officer"]


def turned(text):
    """The same text with its last letter another."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")


TAMPERED = {
    "secret": lambda d: d.update(secret=turned(d["secret"])),
    "value": lambda d: d.update(public_value=turned(d["public_value"])),
    "commitment": lambda d: d.update(commitment=turned(d["commitment"])),
    "seed": lambda d: d.update(seed=turned(d["seed"])),
    "digest of the lists": lambda d: d.update(lists_sha256=turned(d["lists_sha256"])),
    "name": lambda d: d["objects"][0].update(name=turned(d["objects"][0]["name"])),
    "key": lambda d: d["objects"][0].update(key=turned(d["objects"][0]["key"])),
    "weight": lambda d: d["objects"][0].update(weight=d["objects"][0]["weight"] + 1),
    "exclusion": lambda d: d["objects"][0].update(excluded="停产。"),
    "officer": lambda d: d["officers"][0].update(name="别人"),
    "one firm less": lambda d: d["objects"].pop(),
    "one conflict more": lambda d: d["conflicts"].append({"object": "X", "officer": "Y", "reason": "interest"}),
    "order": lambda d: d["objects"].reverse(),
    "drawn ticket": lambda d: d["drawn"][0].update(ticket=turned(d["drawn"][0]["ticket"])),
    "drawn object": lambda d: d["drawn"].pop(0),
    "drawn order": lambda d: d["drawn"].reverse(),
    "drawn officers": lambda d: d["drawn"][0]["officers"].reverse(),
    "n": lambda d: d.update(n=d["n"] - 1),
    "officers per object": lambda d: d.update(officers_per_object=3),
    "replacement": lambda d: d["changes"][0].update(replacement=d["objects"][0]["key"]),
    "one change less": lambda d: d["changes"].pop(0),
    "change without a second person": lambda d: d["changes"][0].update(approved_by="甲"),
    "change without a reason": lambda d: d["changes"][0].update(reason=""),
    "value before the freeze": lambda d: d.update(public_value_at="2026-03-02T09:00:00+08:00"),
    "freeze before the commitment": lambda d: d.update(frozen_at="2026-02-01T09:00:00+08:00"),
    "no freeze": lambda d: d.update(frozen_at=None),
    "no freeze, no digest": lambda d: d.update(frozen_at=None, lists_sha256=None),
    "no value": lambda d: d.update(public_value=""),
    "no time of the value": lambda d: d.update(public_value_at=None),
    "not drawn": lambda d: d.update(drawn_at=None),
    "a cap that is no whole number": lambda d: d.update(max_per_officer=2.5),
    "a number that is true": lambda d: d.update(n=True),
    "a replacement called a void": lambda d: d["changes"][-1].update(kind="void"),
    "a void before another change": lambda d: d["changes"][0].update(kind="void", object=None, officer=None, replacement=None),
    "an officer beside a replaced object": lambda d: d["changes"][0].update(officer=d["officers"][0]["key"]),
    "change without its time": lambda d: d["changes"][0].pop("at"),
    "no title": lambda d: d.pop("title"),
}


def two_replacements():
    """A file whose second change depends on its first: an object, then an officer of who came instead."""
    for number in range(1000):
        rng = random.Random(number)
        data, result = file_by(rng, firms=20, people=8, changes=0, n=4, max_per_officer=3)
        row = {"by": "甲", "approved_by": "乙", "reason": "理由", "at": "x"}
        gone = result.picks[0].object
        comes = result.replace_object(gone)
        if not comes or not comes.officers:
            continue
        officer = comes.officers[0][1]
        following = result.replace_officer(comes.object, officer)
        if following and not data["changes"] and data["objects"][0]["key"] != comes.object:
            first = {"kind": "replace_object", "object": gone, "officer": None, "replacement": comes.object, **row}
            second = {"kind": "replace_officer", "object": comes.object, "officer": officer, "replacement": following[1], **row}
            return {**data, "changes": [first, second]}
    raise AssertionError("none found")


@pytest.mark.req("B1")
@pytest.mark.parametrize("name", TAMPERED)
def test_one_byte_changed_is_refused(name):
    data = two_replacements()
    verify(copy.deepcopy(data))
    TAMPERED[name](data)
    with pytest.raises((Mismatch, KeyError)):
        verify(data)


@pytest.mark.req("B1")
@pytest.mark.parametrize(
    "gone", [("frozen_at",), ("public_value", "public_value_at"), ("frozen_at", "lists_sha256", "public_value", "public_value_at")]
)
def test_a_file_forged_with_a_seed_of_ones_own_is_refused(gone):
    """The seed is a digest of what is gone: whoever leaves it out could choose the seed, and with it the result."""
    data, _ = file_by(random.Random(1), changes=0)
    lists = {name: data[name] for name in ("objects", "officers", "conflicts")}
    rules = {name: data[name] for name in ("n", "officers_per_object", "max_per_officer")}
    for wished in range(3):
        picks = drawing.Result(lists, seed=f"{wished:064x}", **rules).draw()
        drawn = [{"object": p.object, "ticket": p.ticket, "officers": [{"key": k, "ticket": t} for t, k in p.officers]} for p in picks]
        for nothing in (None, ""):
            with pytest.raises(Mismatch):
                verify({**data, **dict.fromkeys(gone, nothing), "seed": f"{wished:064x}", "drawn": drawn}, data["commitment"])


@pytest.mark.req("B1")
def test_every_field_of_every_row_counts_or_is_no_part_of_the_draw():
    """Each value of a file taken away or made another: accepted only where it says nothing of lists, seed or result."""
    data, passed = two_replacements(), set()
    for path in paths_of(data):
        for make in (lambda old: None, lambda old: "", lambda old: True, more):
            other = copy.deepcopy(data)
            row = other
            for step in path[:-1]:
                row = row[step]
            old = row[path[-1]]
            row[path[-1]] = make(old)
            if (type(old), old) == (type(row[path[-1]]), row[path[-1]]):
                continue
            try:
                verify(other)
                passed.add(path[-1])
            except (Mismatch, ValueError, KeyError, TypeError, AttributeError):
                pass
    # Words for people; and a cap that nobody had reached.
    assert passed - {"max_per_officer"} == {"id", "title", "public_event", "reason", "by", "approved_by", "at"}


def more(old):
    """A little more of the same; of a whole number the same as a fraction."""
    if isinstance(old, str | list):
        return old + old[:1]
    return {} if isinstance(old, dict) else float(old or 0)


def paths_of(node, path=()):
    """The way to each value of a file."""
    rows = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in rows:
        yield (*path, key)
        yield from paths_of(value, (*path, key))


def test_what_was_noted_before_the_draw_must_be_what_the_file_says():
    data, _ = file_by(random.Random(1))
    verify(data, data["commitment"], data["lists_sha256"])
    for noted in ((turned(data["commitment"]),), (data["commitment"], turned(data["lists_sha256"]))):
        with pytest.raises(Mismatch, match="抄下"):
            verify(data, *noted)


def test_the_program_runs_alone_and_says_what_is_wrong(tmp_path):
    data, _ = file_by(random.Random(2))
    file = tmp_path / "draw.json"
    run = lambda: subprocess.run([sys.executable, "-I", str(VERIFIER), str(file)], capture_output=True, text=True, cwd=tmp_path)  # noqa: E731
    file.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    assert (run().returncode, "全部相符" in run().stdout) == (0, True)
    file.write_text(json.dumps({**data, "public_value": "别的"}, ensure_ascii=False), encoding="utf-8")
    assert (run().returncode, "不符" in run().stdout) == (1, True)
    text = json.dumps(data, ensure_ascii=False)
    file.write_text(text[:-1] + ', "title": "别的"}', encoding="utf-8")
    assert (run().returncode, "重复的键" in run().stdout) == (1, True)
    file.write_text("{", encoding="utf-8")
    assert (run().returncode, "读不出来" in run().stdout) == (1, True)


def test_the_order_in_which_lists_come_changes_nothing():
    lists = lists_by(random.Random(3), 30, 6)
    assert drawing.lists_sha256(lists) == drawing.lists_sha256({name: list(reversed(rows)) for name, rows in lists.items()})


def test_a_greater_weight_is_more_tickets_and_the_smallest_counts():
    seed = "a" * 64
    tickets = [drawing.sha256(f"{seed}:object:K:{number}") for number in range(4)]
    assert [drawing.object_ticket(seed, "K", weight) for weight in (1, 4)] == [tickets[0], min(tickets)]
