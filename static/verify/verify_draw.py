#!/usr/bin/env python3
"""双随机抽取核对程序: 用公布的文件从头重算一次抽取。

用法: python3 verify_draw.py draw-2026-001.json [另外公布过的承诺] [另外公布过的名单摘要]

只用 Python 自带的库, 不联网, 不读别的文件。每一步写出核对了什么; 有一处不符就停下, 退出码为 1。
承诺和名单摘要在抽取之前就已公布, 把当时抄下的写在文件名后面, 可以证明事后没有换过。
"""

import hashlib
import json
import re
import sys
from collections import Counter
from datetime import datetime

HEX = re.compile("[0-9a-f]{64}")


class Mismatch(Exception):
    """What does not agree, as a sentence."""


def digest(text):
    """SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def need(holds, words):
    """Stop with these words unless it holds."""
    if not holds:
        raise Mismatch(words)


def whole(value):
    """A whole number from 1 on, and not `true`."""
    return type(value) is int and value >= 1


def filled(*values):
    """Each of them is a text that is not empty."""
    return all(isinstance(value, str) and value for value in values)


def check_shape(data):
    """Numbers are numbers, and no step has its facts without the facts of the steps before it."""
    need(data["format"] == "shijiao-draw/1", "文件格式不认识")
    need(
        filled(data["id"], data["title"], data["public_event"], data["secret"], data["commitment"], data["committed_at"]),
        "缺少承诺一步的内容",
    )
    need(whole(data["n"]) and whole(data["officers_per_object"]), "抽取数或每个对象的检查人员数不是大于 0 的整数")
    need(data["max_per_officer"] is None or whole(data["max_per_officer"]), "每人最多对象数不是大于 0 的整数")
    rows = [data[name] for name in ("objects", "officers", "conflicts", "drawn", "changes")]
    need(all(isinstance(value, list) for value in rows), "名单、结果或变更不是列表")
    done = {
        "冻结": [data["frozen_at"], data["lists_sha256"]],
        "公共随机值": [data["public_value_at"], data["public_value"], data["seed"]],
        "抽取": [data["drawn_at"]],
    }
    for label, facts in done.items():
        need(filled(*facts) or facts == [None] * len(facts), f"{label}一步的内容不全")
    steps = [facts[0] is not None for facts in done.values()]
    need(steps == sorted(steps, reverse=True), "缺少前一步, 却有后一步的内容")
    need(steps[0] or not any(rows[:3]), "还没有冻结, 却有名单")
    need(steps[2] or not data["drawn"], "还没有抽取, 却有结果")


def check_changes(data):
    """Each has its reason and two people; a void is whole and the last; before the draw nothing can be replaced."""
    for number, row in enumerate(data["changes"], start=1):
        where = f"第 {number} 项变更"
        need(
            filled(row["by"], row["approved_by"], row["reason"], row["at"]) and row["by"] != row["approved_by"],
            f"{where}缺少理由、时间或另一人的批准",
        )
        if row["kind"] == "void":
            need(row["object"] is None and row["officer"] is None, f"{where}: 作废不只对一个对象")
            need(number == len(data["changes"]), f"{where}: 作废以后还有变更")
        else:
            need(row["kind"] in ("replace_object", "replace_officer"), f"{where}的种类不认识")
            need(data["drawn_at"], f"{where}: 还没有抽取, 却有替换")
            need(filled(row["object"]), f"{where}没有写明对象")
            need(filled(row["officer"]) if row["kind"] == "replace_officer" else row["officer"] is None, f"{where}的检查人员不对")


def check_lists(data):
    """Each list in order, no key twice, weights whole numbers from 1 on, conflicts between listed ones."""
    for name, label in (("objects", "企业"), ("officers", "检查人员")):
        keys = [row["key"] for row in data[name]]
        need(keys == sorted(set(keys)), f"{label}名单没有按编号排列, 或有重复")
    weights = [row["weight"] for row in data["objects"]]
    need(all(whole(weight) for weight in weights), "有企业的权重不是大于 0 的整数")
    pairs = [(row["object"], row["officer"]) for row in data["conflicts"]]
    need(pairs == sorted(set(pairs)), "回避名单没有按编号排列, 或有重复")
    known = [{row["key"] for row in data[name]} for name in ("objects", "officers")]
    need(all(firm in known[0] and person in known[1] for firm, person in pairs), "回避名单里有不在名单上的编号")


def check_times(data):
    """The commitment before the freeze, the freeze before the public value, the value before the draw."""
    names = ("committed_at", "frozen_at", "public_value_at", "drawn_at")
    at = [datetime.fromisoformat(data[name]) for name in names if data[name]]
    need(at == sorted(at), "几个时间的先后不对")
    if data["public_value_at"]:
        need(at[1] < at[2], "公共随机值不是在名单冻结之后产生的")


def check_digests(data, commitment=None, lists_sha256=None):
    """The published digests are those of the secret, of the lists and of the seed."""
    need(HEX.fullmatch(data["secret"]), "密钥不是 64 位十六进制数")
    need(digest(data["secret"]) == data["commitment"], "密钥与承诺不符")
    need(commitment in (None, data["commitment"]), "承诺与您抄下的不同")
    need(lists_sha256 in (None, data["lists_sha256"]), "名单摘要与您抄下的不同")
    if data["frozen_at"] is None:
        return
    lists = {name: data[name] for name in ("conflicts", "objects", "officers")}
    text = json.dumps(lists, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    need(digest(text) == data["lists_sha256"], "名单与公布的名单摘要不符")
    if data["public_value"] is not None:
        seed = digest(":".join([data["secret"], data["public_value"], data["lists_sha256"]]))
        need(seed == data["seed"], "种子与密钥、公共随机值、名单摘要不符")


class Replay:
    """The draw made again from the file alone."""

    def __init__(self, data):
        self.data = data
        self.seed = data["seed"]
        self.taken = {}  # object → its officers now, in the order in which the objects came in
        self.gone = set()  # objects taken out
        self.left = set()  # (object, officer) replaced
        lots = []
        for row in data["objects"]:
            if row["excluded"] is None:
                lots.append((self.firm_ticket(row), row["key"]))
        self.queue = sorted(lots)

    def firm_ticket(self, row):
        """The smallest of the tickets of an object, one for each unit of its weight."""
        tickets = [digest(f"{self.seed}:object:{row['key']}:{i}") for i in range(row["weight"])]
        return sorted(tickets)[0]

    def candidates(self, firm):
        """Who may go to this object now, smallest ticket first: [(ticket, officer)]."""
        cap = self.data["max_per_officer"]
        loads = Counter(officer for people in self.taken.values() for officer in people)
        avoided = {row["officer"] for row in self.data["conflicts"] if row["object"] == firm}
        found = []
        for row in self.data["officers"]:
            key = row["key"]
            full = cap is not None and loads[key] >= cap
            if row["excluded"] is None and key not in avoided and not full and (firm, key) not in self.left:
                found.append((digest(f"{self.seed}:officer:{firm}:{key}"), key))
        return sorted(found)

    def take_next(self):
        """The next object by ticket, with its officers; None when no one is left."""
        for ticket, firm in self.queue:
            if firm not in self.taken and firm not in self.gone:
                found = self.candidates(firm)[: self.data["officers_per_object"]]
                if len(found) < self.data["officers_per_object"]:
                    found = []
                self.taken[firm] = [officer for _, officer in found]
                people = [{"key": officer, "ticket": lot} for lot, officer in found]
                return {"object": firm, "ticket": ticket, "officers": people}
        return None

    def draw(self):
        """The first result, as it must stand in the file."""
        lines = [self.take_next() for _ in range(min(self.data["n"], len(self.queue)))]
        need(lines == self.data["drawn"], "重算的抽取结果与公布的不同")

    def change(self, number, row):
        """One replacement, with who must come; a void changes nothing of what was drawn."""
        where = f"第 {number} 项变更"
        firm, officer = row["object"], row["officer"]
        if row["kind"] == "void":
            return
        need(firm in self.taken, f"{where}: {firm} 当时不在结果里")
        if row["kind"] == "replace_object":
            del self.taken[firm]
            self.gone.add(firm)
            comes = self.take_next()
            expected = comes["object"] if comes else None
        else:
            need(officer in self.taken[firm], f"{where}: {officer} 当时不在这个对象的名单里")
            free = [key for _, key in self.candidates(firm) if key not in self.taken[firm]]
            expected = free[0] if free else None
            need(expected is not None, f"{where}: 没有可以替换的检查人员")
            self.left.add((firm, officer))
            self.taken[firm] = [expected if key == officer else key for key in self.taken[firm]]
        need(row["replacement"] == expected, f"{where}: 应当换成 {expected}, 公布的是 {row['replacement']}")


def verify(data, commitment=None, lists_sha256=None, say=lambda words: None):
    """Replay a published draw; the result in force as {object: [officers]}. Mismatch with a sentence when anything differs."""
    check_shape(data)
    check_digests(data, commitment, lists_sha256)
    say("密钥与承诺相符, 名单与摘要相符, 种子相符")
    check_lists(data)
    check_changes(data)
    check_times(data)
    say(f"名单: 企业 {len(data['objects'])} 家, 检查人员 {len(data['officers'])} 人, 回避 {len(data['conflicts'])} 对; 时间先后正确")
    if data["drawn_at"] is None:
        say("抽取之前已经作废, 没有结果")
        return {}
    replay = Replay(data)
    replay.draw()
    say(f"重算抽取: {len(data['drawn'])} 个对象和各自的检查人员全部相同")
    for number, row in enumerate(data["changes"], start=1):
        replay.change(number, row)
    say(f"变更 {len(data['changes'])} 项, 逐项重算相同")
    if any(row["kind"] == "void" for row in data["changes"]):
        say("这次抽取已经作废, 理由在文件里")
    return replay.taken


def once(pairs):
    """A JSON object whose keys are all different: of two equal ones other programs may read the other."""
    need(len({key for key, _ in pairs}) == len(pairs), "文件里有重复的键")
    return dict(pairs)


def main(arguments):
    """Verify one file; 0 when everything agrees."""
    sys.stdout.reconfigure(errors="replace")  # a console that lacks a character of a name
    if not 1 <= len(arguments) <= 3:
        print(__doc__)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            data = json.load(file, object_pairs_hook=once)
        result = verify(data, *arguments[1:], say=lambda words: print("相符:", words))
    except Mismatch as mismatch:
        print("不符:", mismatch)
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        print("不符: 文件读不出来或缺少内容 ——", repr(error))
        return 1
    names = {row["key"]: row["name"] for row in data["objects"] + data["officers"]}
    for firm, people in result.items():
        print(firm, names[firm], "—", "、".join(names[key] for key in people) or "检查人员不足, 没有安排")
    print("全部相符。")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
