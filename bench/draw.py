"""Is the draw fair, and what does it cost: chi-square over many draws, each beside a biased control; time against bare hashing and sorting."""

import hashlib
import math
import sys
import time
from collections import Counter
from itertools import combinations

from inspections import drawing

DRAWS, FAIR, BIASED, LIMIT = 20_000, 0.001, 1e-9, 3.0


def p_value(statistic, freedom):
    """How likely a chi-square this great or greater is: the upper regularised incomplete gamma function."""
    a, x = freedom / 2, statistic / 2
    scale = math.exp(-x + a * math.log(x) - math.lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        for n in range(1, 1000):
            term *= x / (a + n)
            total += term
        return 1 - total * scale
    tiny = 1e-300
    b = x + 1 - a
    c, d = 1 / tiny, 1 / b
    h = d
    for n in range(1, 1000):
        an, b = -n * (n - a), b + 2
        d, c = an * d + b, b + an / c
        d, c = 1 / (d if abs(d) > tiny else tiny), c if abs(c) > tiny else tiny
        h *= d * c
    return scale * h


def rows(count, weight=lambda n: 1):
    """A list of objects or officers."""
    return [{"key": f"{n:06d}", "name": str(n), "weight": weight(n), "excluded": None} for n in range(count)]


def seeds(lists):
    """As many seeds as there are draws, the same in every run."""
    digest = drawing.lists_sha256(lists)
    return [drawing.seed_of(f"{n:064x}", "bench", digest) for n in range(DRAWS)]


def picks(lists, seed, n):
    """What one draw takes."""
    return drawing.Result(lists, seed=seed, n=n, officers_per_object=2, max_per_officer=None).draw()


def uniformity(choose):
    """p of: each of 20 firms is drawn as often as any other, 4 at a time. `choose` gives the keys of one draw."""
    firms, n = 20, 4
    lists = {"objects": rows(firms), "officers": rows(4), "conflicts": []}
    counts = Counter(key for seed in seeds(lists) for key in choose(lists, seed, n))
    share = n / firms
    spread = DRAWS * share * (1 - share)
    statistic = sum((counts[row["key"]] - DRAWS * share) ** 2 for row in lists["objects"]) / spread * (firms - 1) / firms
    return p_value(statistic, firms - 1)


def proportion(choose):
    """p of: a firm of weight w is drawn w times as often as one of weight 1."""
    lists = {"objects": rows(12, lambda n: 1 + n % 4), "officers": rows(4), "conflicts": []}
    counts = Counter(key for seed in seeds(lists) for key in choose(lists, seed, 1))
    whole = sum(row["weight"] for row in lists["objects"])
    expected = {row["key"]: DRAWS * row["weight"] / whole for row in lists["objects"]}
    return p_value(sum((counts[key] - value) ** 2 / value for key, value in expected.items()), len(expected) - 1)


def pairing(choose):
    """p of: each pair of 8 officers meets as often as any other. `choose` gives the pair of one draw."""
    lists = {"objects": rows(1), "officers": rows(8), "conflicts": []}
    counts = Counter(tuple(sorted(choose(lists, seed, 1))) for seed in seeds(lists))
    pairs = list(combinations([row["key"] for row in lists["officers"]], 2))
    return p_value(sum((counts[pair] - DRAWS / len(pairs)) ** 2 for pair in pairs) / (DRAWS / len(pairs)), len(pairs) - 1)


def ours(lists, seed, n):
    """The draw's firms."""
    return [pick.object for pick in picks(lists, seed, n)]


def our_pair(lists, seed, n):
    """The draw's officers."""
    return [key for pick in picks(lists, seed, n) for _, key in pick.officers]


def by_steps(lists, seed, n):
    """Control: one random start among the first five and a fixed step, the first of them taken once more often."""
    start = int(seed, 16) % (len(lists["objects"]) // n + 1) % (len(lists["objects"]) // n)
    return [row["key"] for row in lists["objects"][start :: len(lists["objects"]) // n]]


def without_weights(lists, seed, n):
    """Control: every firm has one ticket."""
    return ours({**lists, "objects": [{**row, "weight": 1} for row in lists["objects"]]}, seed, n)


def with_neighbour(lists, seed, n):
    """Control: the officer drawn first brings the next on the list."""
    keys = [row["key"] for row in lists["officers"]]
    first = keys.index(our_pair(lists, seed, n)[0])
    return [keys[first], keys[(first + 1) % len(keys)]]


def bare(lists, seed, n):
    """Hashing and sorting alone: what the specification asks for and nothing else."""
    hashed = lambda text: hashlib.sha256(text.encode()).hexdigest()  # noqa: E731
    order = sorted((min(hashed(f"{seed}:object:{row['key']}:{i}") for i in range(row["weight"])), row["key"]) for row in lists["objects"])
    return [(key, sorted((hashed(f"{seed}:officer:{key}:{o['key']}"), o["key"]) for o in lists["officers"])[:2]) for _, key in order[:n]]


def timed(what):
    """Seconds of one call, the better of three."""
    found = []
    for _ in range(3):
        began = time.perf_counter()
        what()
        found.append(time.perf_counter() - began)
    return min(found)


def main():
    """Print every figure; 1 when one is out of bounds."""
    bad = 0
    for name, measure, good, control in (
        ("uniformity of firms", uniformity, ours, by_steps),
        ("proportion to weights", proportion, ours, without_weights),
        ("pairing of officers", pairing, our_pair, with_neighbour),
    ):
        p, biased = measure(good), measure(control)
        holds = p > FAIR and biased < BIASED
        bad += not holds
        print(f"{name}: {DRAWS} draws, p = {p:.4f}; biased control p = {biased:.1e}{'' if holds else '  OUT OF BOUNDS'}")
    lists = {"objects": rows(50_000, lambda n: 1 + n % 4), "officers": rows(200), "conflicts": []}
    seed, n = "0" * 64, 1000
    drawn = timed(lambda: picks(lists, seed, n))
    alone = timed(lambda: bare(lists, seed, n))
    bad += drawn > LIMIT * alone
    print(
        f"50,000 firms, 200 officers, {n} drawn: {drawn:.2f} s = {drawn / alone:.2f} x bare hashing and sorting ({alone:.2f} s); limit {LIMIT}"
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
