#!/usr/bin/env python3
"""Writes Tests/EPLBTests/Fixtures/: what the reference expert placement answers.

Needs torch, numpy and g++. Run from the repository's root:

    python3 scripts/make-eplb-fixtures.py            # writes the fixtures
    python3 scripts/make-eplb-fixtures.py --many N   # N random plans as JSON on stdout, to compare

sort.json holds the order in which g++'s std::sort leaves pairs of value and index that are sorted by
descending value: as CRC-32 of the little-endian int32 indices for arrays that the test generates
again, and arrays in full that were built by McIlroy's adversary ("A Killer Adversary for Quicksort",
1999) to drive it into its heapsort.

plans.json holds placements: small ones in full, others as CRC-32 of phy2log, log2phy and logcnt one
after the other as little-endian int32. They come from an emulation of the published algorithm's
rules with torch's own float32 operations, its sum and its unstable sort among them; that emulation is
written here from a description of the rules and is no copy of the original.

Random numbers are SplitMix64 (Steele, Lea and Flood, 2014), which the tests have as well.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import zlib

import numpy
import torch

FOLDER = pathlib.Path("Tests/EPLBTests/Fixtures")
MASK = (1 << 64) - 1


class SplitMix:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)


# How a load is made of a random number. Every step is exact or rounds once to float32, so that the
# test's arithmetic gives the same bits.
KINDS = {
    "zeros": lambda z: 0.0,
    "constant": lambda z: 7.0,
    "few": lambda z: float(z % 4),
    "sparse": lambda z: float(z >> 40) if z % 8 == 0 else 0.0,
    "counts": lambda z: float(z % 100_003),
    "fractions": lambda z: float(z >> 40) * 2.0**-20,
    "heavy": lambda z: float(((z >> 40) & 0xFFF) << (z & 0x1F)),
    "huge": lambda z: float(z >> 11),
}


def loads(kind, seed, layers, experts):
    random = SplitMix(seed)
    values = [KINDS[kind](random.next()) for _ in range(layers * experts)]
    return torch.from_numpy(numpy.array(values).astype(numpy.float32)).reshape(layers, experts)


# --- the rules -------------------------------------------------------------------------------------


def pack_balanced(weight, pack_count):
    """Items to packs of equal size: heaviest first, each to the lightest pack with room."""
    layers, items = weight.shape
    room = items // pack_count
    pack = numpy.zeros((layers, items), dtype=numpy.int64)
    rank = numpy.zeros((layers, items), dtype=numpy.int64)
    if room == 1:
        pack[:] = numpy.arange(items)
        return pack, rank
    order = weight.sort(-1, descending=True).indices.numpy()  # unstable, as published
    values = weight.numpy()
    for layer in range(layers):
        total = numpy.zeros(pack_count, dtype=numpy.float32)
        held = numpy.zeros(pack_count, dtype=numpy.int64)
        for item in order[layer]:
            open_total = numpy.where(held < room, total, numpy.float32(numpy.inf))
            best = int(open_total.argmin())
            if held[best] >= room:  # every open pack's sum has overflowed
                best = int((held < room).argmax())
            pack[layer, item], rank[layer, item] = best, held[best]
            total[best] += values[layer, item]
            held[best] += 1
    return pack, rank


def replicate(weight, slot_count):
    """Each further slot to the expert with the largest load a replica, the first one on ties."""
    rows, experts = weight.shape
    expert = numpy.tile(numpy.arange(slot_count), (rows, 1))
    rank = numpy.zeros((rows, slot_count), dtype=numpy.int64)
    count = torch.ones(rows, experts, dtype=torch.int64)
    every = torch.arange(rows)
    for slot in range(experts, slot_count):
        busiest = (weight / count).max(-1).indices
        expert[:, slot] = busiest.numpy()
        rank[:, slot] = count[every, busiest].numpy()
        count[every, busiest] += 1
    return expert, rank, count


def place(weight, replicas, groups, nodes, gpus):
    if groups % nodes:
        groups, nodes = 1, 1
    layers, experts = weight.shape
    group_size, per_node = experts // groups, groups // nodes
    node_experts, node_slots = experts // nodes, replicas // nodes
    sums = weight.unflatten(-1, (groups, group_size)).sum(-1)
    node, position = pack_balanced(sums, nodes)
    # The experts in the order in which nodes hold them.
    held = numpy.zeros((layers, experts), dtype=numpy.int64)
    for layer in range(layers):
        for group in range(groups):
            start = (node[layer, group] * per_node + position[layer, group]) * group_size
            held[layer, start : start + group_size] = numpy.arange(group_size) + group * group_size
    held_weight = weight.gather(-1, torch.from_numpy(held)).reshape(-1, node_experts)
    expert, rank, count = replicate(held_weight, node_slots)
    share = (held_weight / count).gather(-1, torch.from_numpy(expert))
    gpu, place_on_gpu = pack_balanced(share, gpus // nodes)
    phy2log = numpy.zeros((layers, replicas), dtype=numpy.int64)
    slot_rank = numpy.zeros((layers, replicas), dtype=numpy.int64)
    logcnt = numpy.zeros((layers, experts), dtype=numpy.int64)
    for layer in range(layers):
        for n in range(nodes):
            row = layer * nodes + n
            local = held[layer, n * node_experts : (n + 1) * node_experts]
            slots = n * node_slots + gpu[row] * (replicas // gpus) + place_on_gpu[row]
            phy2log[layer, slots] = local[expert[row]]
            slot_rank[layer, slots] = rank[row]
            logcnt[layer, local] = count[row].numpy()
    log2phy = numpy.full((layers, experts, logcnt.max()), -1, dtype=numpy.int64)
    rows = numpy.arange(layers)[:, None]
    log2phy[rows, phy2log, slot_rank] = numpy.arange(replicas)[None, :]
    return phy2log, log2phy, logcnt


# --- std::sort -------------------------------------------------------------------------------------

SORTER = r"""
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

// Reads `0 n v...`: prints the order std::sort gives. Reads `1 n`: prints an array against which it
// does badly. Values decrease along the sorted order.
int main() {
    int mode, n;
    while (scanf("%d %d", &mode, &n) == 2) {
        if (mode == 0) {
            std::vector<std::pair<float, int>> items(n);
            for (int i = 0; i < n; i++) { scanf("%f", &items[i].first); items[i].second = i; }
            std::sort(items.begin(), items.end(),
                      [](const auto &a, const auto &b) { return a.first > b.first; });
            for (auto &item : items) printf("%d ", item.second);
        } else {
            std::vector<int> rank(n, n), index(n);
            for (int i = 0; i < n; i++) index[i] = i;
            int solid = 0, candidate = 0;
            std::sort(index.begin(), index.end(), [&](int a, int b) {
                if (rank[a] == n && rank[b] == n) rank[a == candidate ? a : b] = solid++;
                if (rank[a] == n) candidate = a; else if (rank[b] == n) candidate = b;
                return rank[a] < rank[b];
            });
            for (int r : rank) printf("%d ", n - r);
        }
        printf("\n");
    }
}
"""

# How an element of an array to sort is made of a random number, its index and the length.
SORT_KINDS = {
    "distinct": lambda z, i, n: z >> 40,
    "two": lambda z, i, n: z % 2,
    "five": lambda z, i, n: z % 5,
    "pairs": lambda z, i, n: i // 2,
    "equal": lambda z, i, n: 3,
    "rising": lambda z, i, n: i,
    "falling": lambda z, i, n: n - i,
    "pipe": lambda z, i, n: min(i, n - i),
    "runs": lambda z, i, n: i % 17,
}


def heapsorted(values):
    """How many values the sort leaves to its heapsort: quicksort alone, as published."""
    items, left = list(values), []

    def partition(first, end):
        a, b, c = first + 1, first + (end - first) // 2, end - 1
        if items[a] > items[b]:
            pivot = b if items[b] > items[c] else c if items[a] > items[c] else a
        else:
            pivot = a if items[a] > items[c] else c if items[b] > items[c] else b
        items[first], items[pivot] = items[pivot], items[first]
        low, high = first + 1, end
        while True:
            while items[low] > items[first]:
                low += 1
            high -= 1
            while items[first] > items[high]:
                high -= 1
            if low >= high:
                return low
            items[low], items[high] = items[high], items[low]
            low += 1

    def quicksort(first, end, depth):
        while end - first > 16:
            if depth == 0:
                left.append(end - first)
                return
            depth -= 1
            cut = partition(first, end)
            quicksort(cut, end, depth)
            end = cut

    quicksort(0, len(items), 2 * (len(items).bit_length() - 1))
    return sum(left)


def tied(values, ties):
    """The array with its largest values equal in runs of `ties`: those the heapsort is left with."""
    start = len(values) - heapsorted(values)
    return [v if v <= start else start + -(-(v - start) // ties) for v in values]


def sort_fixtures():
    arrays = []
    lengths = [1, 2, 3, 15, 16, 17, 18, 31, 32, 33, 64, 100, 144, 255, 256, 288, 500, 1000]
    for kind, make in SORT_KINDS.items():
        for n in lengths:
            seed = len(arrays)
            random = SplitMix(seed)
            arrays.append((kind, n, seed, [int(make(random.next(), i, n)) for i in range(n)]))
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "sorter.cpp")
        source.write_text(SORTER)
        program = pathlib.Path(folder, "sorter")
        subprocess.run(["g++", "-O1", "-o", program, source], check=True)

        def run(lines):
            output = subprocess.run([program], input="\n".join(lines), capture_output=True, text=True)
            return [[int(word) for word in line.split()] for line in output.stdout.splitlines()]

        def line(values):
            return f"0 {len(values)} " + " ".join(map(str, values))

        killers = run([f"1 {n}" for n in (64, 100, 256, 400)])
        killers += [tied(killer, ties) for killer in killers for ties in (2, 5)]
        killers = [killer for killer in killers if heapsorted(killer)]
        orders = run([line(values) for *_, values in arrays])
        killed = run([line(values) for values in killers])
    return {
        "generated": [
            {"kind": kind, "count": n, "seed": seed, "crc32": crc32(order)}
            for (kind, n, seed, _), order in zip(arrays, orders)
        ],
        "adversarial": [
            {"values": values, "order": order} for values, order in zip(killers, killed)
        ],
    }


# --- output ----------------------------------------------------------------------------------------


def crc32(*lists):
    flat = numpy.concatenate([numpy.asarray(part).reshape(-1) for part in lists])
    return zlib.crc32(flat.astype("<i4").tobytes())


# replicas, groups, nodes, gpus, experts
SHAPES = [
    (16, 4, 2, 8, 12),
    (16, 4, 3, 8, 12),
    (8, 1, 1, 8, 8),
    (8, 2, 2, 2, 4),
    (24, 6, 3, 6, 18),
    (64, 8, 4, 16, 48),
    (72, 8, 1, 8, 64),
    (96, 12, 4, 8, 60),
    (40, 5, 2, 8, 40),
    (60, 1, 1, 12, 7),
    (288, 8, 4, 32, 256),
    (288, 8, 18, 144, 256),
    (320, 8, 8, 64, 256),
    (264, 4, 2, 4, 264),
    (200, 2, 1, 5, 162),
    (33, 3, 3, 3, 30),
]


def case(number, shape, kind, layers):
    replicas, groups, nodes, gpus, experts = shape
    weight = loads(kind, number, layers, experts)
    plan = place(weight, replicas, groups, nodes, gpus)
    return {
        "replicas": replicas,
        "groups": groups,
        "nodes": nodes,
        "gpus": gpus,
        "experts": experts,
        "layers": layers,
        "kind": kind,
        "seed": number,
        "crc32": crc32(*plan),
    }, plan


def random_shape(random):
    def upto(n):
        return 1 + random.next() % n

    nodes = upto(6)
    groups = nodes * upto(4) if random.next() % 3 else upto(8)
    gpus = nodes * upto(6)
    experts = groups * upto(40)
    slots = -(-experts // gpus) + random.next() % 4
    return slots * gpus, groups, nodes, gpus, experts


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--many":
        random = SplitMix(2026)
        kinds = list(KINDS)
        cases = [
            case(1000 + i, random_shape(random), kinds[random.next() % len(kinds)], 1 + i % 3)[0]
            for i in range(int(sys.argv[2]))
        ]
        json.dump({"full": [], "hashed": cases}, sys.stdout)
        return
    full, hashed = [], []
    random = SplitMix(7)
    kinds = list(KINDS)
    for shape in SHAPES:
        for kind in kinds:
            number = len(hashed) + 1
            entry, plan = case(number, shape, kind, 1 + number % 4)
            hashed.append(entry)
            if shape[0] <= 24 and kind in ("few", "fractions", "zeros"):
                names = ("phy2log", "log2phy", "logcnt")
                full.append(entry | dict(zip(names, (part.tolist() for part in plan))))
    while len(hashed) < 400:
        number = len(hashed) + 1
        hashed.append(
            case(number, random_shape(random), kinds[number % len(kinds)], 1 + number % 3)[0]
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    write("plans.json", {"full": full, "hashed": hashed})
    write("sort.json", sort_fixtures())


def write(name, tables):
    """One entry a line, so that a change of one shows as one line."""
    parts = []
    for key, entries in tables.items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        parts.append(f'"{key}": [\n{lines}\n]')
    (FOLDER / name).write_text("{" + ",\n".join(parts) + "}\n")


if __name__ == "__main__":
    main()
