#!/usr/bin/env python3
"""Compile libphonenumber's metadata into src/normalize/phone/metadata.bin.

Usage, from the root of the repository:

    python3 -m venv /tmp/phone && /tmp/phone/bin/pip install phonenumbers==9.0.43
    /tmp/phone/bin/python tools/phone_metadata.py

The output is a function of the phonenumbers release alone: running the script
again gives the same bytes.  Every number pattern in the metadata is a regular
expression over digits without unbounded repetition, so its language is finite
and a minimal acyclic automaton describes it.  All automata share one pool of
nodes, so equal tails (there are many, such as "six more digits") exist once.

File layout (little endian; the reader is src/normalize/phone/table.rs):

    0       1000 x u8      calling code -> calling record, 0xFF for none
    1000    676 x u8       region "AA".."ZZ" (26 * first + second) -> region record, 0xFF for none
    1676    256 x (u8,u8)  label -> (region slot, kind)
    2188    255 x 4 bytes  calling records
    3208    255 x 32 bytes region records
    11368   nodes

Calling record: u16 root of the validity automaton, u8 first region record, u8 number
of regions.  The regions of a calling code are consecutive, the main one first; the
label of an accepting node names the region by its slot counted from there.

Region record:
    0   2 x u8   ISO 3166 alpha-2 code, zeros where the numbers belong to no region
    2   u16      calling code
    4   u16      root: general description of a national number
    6   u16      root: international dialling prefixes
    8   u16      root: national prefixes for parsing
    12  u32      bit n: a national number may have n digits
    16  u32      bit n: n digits can only be dialled locally
    20  4 x u8   what to do on the bits 0..3 of a national prefix label (see below), 0xFF for none
    24  u8       number of digits that the transform rule puts in front
    25  5 x u8   these digits

National prefix actions: 0x80 only at the end of the number; 0x40 replace the match by
the transform digits and the captured group, which begins (low 3 bits) digits after the
start and ends (bits 3 and 4) digits before the end of the match; without 0x40 remove
the match.  The longest match wins and, among equals, the lowest bit: that this is what
the regular expression does is checked here.

Node, at byte 2 * number: 10 nibbles, one per digit (0: no way on, k: the k-th child);
u8 label (0: not accepting); then the children as u16 node numbers.  Node 0 is dead.
"""

import random
import re
import struct
import sys
from pathlib import Path

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

RELEASE = "9.0.43"
OUTPUT = Path(__file__).resolve().parent.parent / "src/normalize/phone/metadata.bin"

# The order in which libphonenumber tries the descriptions; the index is the kind in the table.
KINDS = ["premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail"]
FIXED, MOBILE, FIXED_OR_MOBILE = 8, 9, 10


# ---- Regular expressions: a small parser, since the metadata uses a small subset. ----
# Nodes: ("set", digits), ("seq", [..]), ("alt", [..]), ("rep", node, low, high),
# ("group", index, node), ("end",).


def parse_regex(text):
    """The syntax tree of a metadata pattern."""
    position, groups = 0, 0

    def alternatives():
        nonlocal position
        branches = [sequence()]
        while position < len(text) and text[position] == "|":
            position += 1
            branches.append(sequence())
        return branches[0] if len(branches) == 1 else ("alt", branches)

    def sequence():
        nonlocal position
        items = []
        while position < len(text) and text[position] not in "|)":
            item = atom()
            if position < len(text) and text[position] == "?":
                position += 1
                item = ("rep", item, 0, 1)
            elif position < len(text) and text[position] == "{":
                end = text.index("}", position)
                low, _, high = text[position + 1 : end].partition(",")
                item = ("rep", item, int(low), int(high or low))
                position = end + 1
            items.append(item)
        return items[0] if len(items) == 1 else ("seq", items)

    def atom():
        nonlocal position, groups
        char = text[position]
        if char.isdigit():
            position += 1
            return ("set", frozenset([int(char)]))
        if text.startswith("\\d", position):
            position += 2
            return ("set", frozenset(range(10)))
        if char == "$":
            position += 1
            return ("end",)
        if char == "[":
            end = text.index("]", position)
            body = text[position + 1 : end].replace("\\d", "0-9")
            position = end + 1
            digits, i = set(), 0
            while i < len(body):
                if i + 2 < len(body) and body[i + 1] == "-":
                    digits.update(range(int(body[i]), int(body[i + 2]) + 1))
                    i += 3
                else:
                    digits.add(int(body[i]))
                    i += 1
            return ("set", frozenset(digits))
        if char == "(":
            capture = not text.startswith("(?:", position)
            position += 1 if capture else 3
            index = 0
            if capture:
                groups += 1
                index = groups
            inner = alternatives()
            assert text[position] == ")", text
            position += 1
            return ("group", index, inner) if capture else inner
        raise ValueError(f"unexpected {char!r} in {text}")

    tree = alternatives()
    assert position == len(text), text
    return tree, groups


class Nfa:
    """Thompson automata of many patterns in one pool."""

    def __init__(self):
        self.empty, self.moves, self.accept, self.loops = [], [], {}, set()

    def state(self):
        self.empty.append([])
        self.moves.append([])
        return len(self.empty) - 1

    def build(self, node, start):
        kind = node[0]
        if kind == "set":
            end = self.state()
            self.moves[start].append((node[1], end))
            return end
        if kind == "seq":
            for item in node[1]:
                start = self.build(item, start)
            return start
        if kind == "alt":
            end = self.state()
            for branch in node[1]:
                first = self.state()
                self.empty[start].append(first)
                self.empty[self.build(branch, first)].append(end)
            return end
        if kind == "rep":
            for _ in range(node[2]):
                start = self.build(node[1], start)
            end = self.state()
            self.empty[start].append(end)
            for _ in range(node[3] - node[2]):
                start = self.build(node[1], start)
                self.empty[start].append(end)
            return end
        if kind == "group":
            return self.build(node[2], start)
        raise ValueError(node)

    def add(self, start, tree, tag, loop=False):
        end = self.build(tree, start)
        self.accept[end] = tag
        if loop:
            self.moves[end].append((frozenset(range(10)), end))
            self.loops.add(end)

    def closure(self, states):
        seen = set(states)
        stack = list(seen)
        while stack:
            for following in self.empty[stack.pop()]:
                if following not in seen:
                    seen.add(following)
                    stack.append(following)
        return frozenset(seen)


class Pool:
    """Nodes of all automata; equal nodes are one."""

    DEAD = (0, (0,) * 10)

    def __init__(self):
        self.ids, self.nodes = {self.DEAD: 0}, [self.DEAD]

    def node(self, label, children):
        key = (label, children)
        if key not in self.ids:
            self.ids[key] = len(self.nodes)
            self.nodes.append(key)
        return self.ids[key]

    def compile(self, nfa, start, label_of):
        """Determinise; label_of(tags, depth) gives the label of a node."""
        memo = {}

        def visit(states, depth):
            # Only leading digits are left: nothing can be accepted any more.
            if not states or states <= nfa.loops:
                return 0
            key = (states, depth)
            if key not in memo:
                label = label_of({nfa.accept[s] for s in states if s in nfa.accept}, depth)
                children = tuple(
                    visit(nfa.closure(e for s in states for digits, e in nfa.moves[s] if d in digits), depth + 1)
                    for d in range(10)
                )
                memo[key] = self.node(label, children)
            return memo[key]

        return visit(nfa.closure([start]), 0)

    def words(self, words):
        """An automaton of a few words, given as {word: label}."""

        def visit(rest, prefix):
            if not any(w.startswith(prefix) for w in rest):
                return 0
            inner = [w for w in rest if w.startswith(prefix)]
            return self.node(rest.get(prefix, 0), tuple(visit({w: rest[w] for w in inner}, prefix + d) for d in "0123456789"))

        return visit(words, "")

    def serialise(self):
        """The bytes of all nodes and the word offset of each."""
        offsets, at = [], 0
        for _, children in self.nodes:
            offsets.append(at)
            at += 3 + len(set(children) - {0})
        assert at < 1 << 16, f"{at} words do not fit a 16-bit node number"
        out = bytearray()
        for label, children in self.nodes:
            distinct = list(dict.fromkeys(c for c in children if c))
            bits = label << 40
            for digit, child in enumerate(children):
                bits |= (distinct.index(child) + 1 if child else 0) << (4 * digit)
            out += bits.to_bytes(6, "little")
            for child in distinct:
                out += struct.pack("<H", offsets[child])
        # The reader takes eight bytes at once, also at the last node.
        return bytes(out) + b"\0\0", offsets


def enumerate_words(tree):
    """All words of a small pattern (groups count, anchors do not occur)."""
    kind = tree[0]
    if kind == "set":
        return [str(d) for d in sorted(tree[1])]
    if kind == "seq":
        words = [""]
        for item in tree[1]:
            tails = enumerate_words(item)
            words = [w + t for w in words for t in tails]
        return words
    if kind == "alt":
        return [w for branch in tree[1] for w in enumerate_words(branch)]
    if kind == "rep":
        inner = enumerate_words(tree[1])
        words, layer = [], [""]
        for count in range(tree[3] + 1):
            if count >= tree[2]:
                words += layer
            layer = [w + t for w in layer for t in inner]
        return words
    if kind == "group":
        return enumerate_words(tree[2])
    raise ValueError(tree)


def prefix_words(pattern):
    """The words of a prefix pattern that can win: then the longest one is the one the
    expression picks, because a word behind a preferred shorter one never matches."""
    expression = re.compile(pattern)
    words = set(enumerate_words(parse_regex(pattern)[0]))
    return {w for w in words if expression.match(w).end() == len(w)}


# ---- National prefixes with a transform rule ----


def split_at_group(tree, group):
    """Alternatives of the tree as (before, group or None, after, anchored), preferred first."""

    def contains(node):
        return (node[0] == "group" and node[1] == group) or any(
            contains(c) for part in node[1:] for c in (part if isinstance(part, list) else [part]) if isinstance(c, tuple)
        )

    if tree[0] == "alt":
        return [piece for branch in tree[1] for piece in split_at_group(branch, group)]
    if not contains(tree):
        return [([tree], None, [], False)]
    if tree[0] == "group":
        return [([], tree[2], [], False)]
    if tree[0] == "rep":
        assert (tree[2], tree[3]) == (0, 1)
        return split_at_group(tree[1], group) + [([], None, [], False)]
    assert tree[0] == "seq", tree
    items = list(tree[1])
    anchored = items[-1] == ("end",)
    if anchored:
        items.pop()
    where = next(i for i, item in enumerate(items) if contains(item))
    return [
        (items[:where] + before, inner, after + items[where + 1 :], anchored)
        for before, inner, after, _ in split_at_group(items[where], group)
    ]


def transforming_prefix(pool, pattern):
    """Root and actions for a pattern whose last group feeds a transform rule."""
    tree, groups = parse_regex(pattern)
    nfa, actions = Nfa(), []
    start = nfa.state()

    def add(action, item):
        if action not in actions:
            actions.append(action)
        first = nfa.state()
        nfa.empty[start].append(first)
        nfa.add(first, item, actions.index(action))

    for before, inner, after, anchored in split_at_group(tree, groups):
        if inner is None:
            add(0x80 * anchored, ("seq", before + after))
            continue
        tails = {len(w) for w in enumerate_words(("seq", after))}
        assert len(tails) == 1, pattern
        heads = enumerate_words(("seq", before))
        for length in sorted({len(w) for w in heads}):
            literal = [("seq", [("set", frozenset([int(d)])) for d in w]) for w in heads if len(w) == length]
            action = 0x80 * anchored | 0x40 | min(tails) << 3 | length
            add(action, ("seq", [("alt", literal), inner] + after))
    assert len(actions) <= 4, pattern
    root = pool.compile(nfa, start, lambda tags, _: sum(1 << t for t in tags))
    return root, actions


def apply_prefix(pool, root, actions, digits, number):
    """What the reader does, to compare with the regular expression."""
    best, node = None, root
    for at in range(len(number) + 1):
        for bit, action in enumerate(actions):
            if pool.nodes[node][0] >> bit & 1 and (not action & 0x80 or at == len(number)):
                best = (at, action)
                break
        if at == len(number) or not node:
            break
        node = pool.nodes[node][1][int(number[at])]
    if best is None:
        return None
    end, action = best
    if action & 0x40:
        return digits + number[action & 7 : end - (action >> 3 & 3)] + number[end:]
    return number[end:]


def check_prefix(pool, pattern, rule, root, actions, digits):
    expression, choose = re.compile(pattern), random.Random(pattern)
    for _ in range(20000):
        # Walk the automaton at random, so that most samples touch the pattern.
        number, node = "", root
        for _ in range(choose.randrange(18)):
            ways = [d for d in range(10) if pool.nodes[node][1][d]] if choose.random() < 0.9 else []
            digit = choose.choice(ways) if ways else choose.randrange(10)
            number, node = number + str(digit), pool.nodes[node][1][digit]
        match = expression.match(number)
        if match is None:
            expected = None
        elif rule and match.groups()[-1] is not None:
            expected = expression.sub(rule, number, count=1)
        else:
            expected = number[match.end() :]
        found = apply_prefix(pool, root, actions, digits, number)
        assert found == expected, (pattern, number, found, expected)


# ---- The table ----


def matches(desc, tag, found, depth):
    """Whether a description accepts: its pattern (found) and its possible lengths."""
    return tag in found and (not desc.possible_length or depth in desc.possible_length)


def kind_of(metadata, key, found, depth):
    """libphonenumber's _number_type_helper, on the set of patterns found."""

    def is_a(name):
        desc = getattr(metadata, name)
        return desc is not None and matches(desc, (key, name), found, depth)

    if not is_a("general_desc"):
        return None
    for kind, name in enumerate(KINDS):
        if is_a(name):
            return kind
    if is_a("fixed_line"):
        both = metadata.same_mobile_and_fixed_line_pattern or is_a("mobile")
        return FIXED_OR_MOBILE if both else FIXED
    if not metadata.same_mobile_and_fixed_line_pattern and is_a("mobile"):
        return MOBILE
    return None


def validity(pool, labels, members):
    """Root of the automaton that maps a national number to the label (region slot, kind)."""
    nfa = Nfa()
    start = nfa.state()
    for slot, metadata in enumerate(members):
        for name in ["general_desc", "fixed_line", "mobile"] + KINDS:
            desc = getattr(metadata, name)
            if desc is not None and desc.national_number_pattern:
                first = nfa.state()
                nfa.empty[start].append(first)
                nfa.add(first, parse_regex(desc.national_number_pattern)[0], (slot, name))
        if metadata.leading_digits is not None and len(members) > 1:
            first = nfa.state()
            nfa.empty[start].append(first)
            nfa.add(first, parse_regex(metadata.leading_digits)[0], (slot, "leading"), loop=True)

    def label_of(found, depth):
        for slot, metadata in enumerate(members):
            kind = kind_of(metadata, slot, found, depth)
            if len(members) > 1 and metadata.leading_digits is not None:
                # The leading digits decide on their own, even for an invalid number.
                if (slot, "leading") not in found:
                    continue
            elif kind is None:
                continue
            return 0 if kind is None else labels.setdefault((slot, kind), len(labels) + 1)
        return 0

    return pool.compile(nfa, start, label_of)


def main():
    assert phonenumbers.__version__ == RELEASE, f"needs phonenumbers=={RELEASE}"
    pool, labels = Pool(), {}
    calling_index, region_index = bytearray(b"\xff" * 1000), bytearray(b"\xff" * 676)
    callings, regions = [], []
    for code, names in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        members = [PhoneMetadata.metadata_for_region_or_calling_code(code, name) for name in names]
        calling_index[code] = len(callings)
        callings.append((validity(pool, labels, members), len(regions), len(members)))
        for name, metadata in zip(names, members):
            nfa = Nfa()
            start = nfa.state()
            general = metadata.general_desc
            nfa.add(start, parse_regex(general.national_number_pattern)[0], 0)
            general_root = pool.compile(nfa, start, lambda found, _: 1 if found else 0)
            idd_root = 0
            if metadata.international_prefix:
                idd_root = pool.words({w: 1 for w in prefix_words(metadata.international_prefix)})
            prefix_root, actions, digits = 0, [], ""
            pattern, rule = metadata.national_prefix_for_parsing, metadata.national_prefix_transform_rule
            if pattern:
                if rule:
                    digits, group = re.fullmatch(r"(\d*)\\(\d)", rule).groups()
                    assert int(group) == re.compile(pattern).groups
                    prefix_root, actions = transforming_prefix(pool, pattern)
                else:
                    prefix_root, actions = pool.words({w: 1 for w in prefix_words(pattern)}), [0]
                check_prefix(pool, pattern, rule, prefix_root, actions, digits)
            if name != "001":
                region_index[(ord(name[0]) - 65) * 26 + ord(name[1]) - 65] = len(regions)
            regions.append((
                b"\0\0" if name == "001" else name.encode(),
                code,
                (general_root, idd_root, prefix_root),
                sum(1 << n for n in general.possible_length),
                sum(1 << n for n in general.possible_length_local_only),
                bytes(actions).ljust(4, b"\xff"),
                bytes([len(digits)] + [int(d) for d in digits]).ljust(8, b"\0"),
            ))
    assert len(labels) < 256 and len(callings) < 255 and len(regions) < 255
    nodes, offsets = pool.serialise()

    out = bytearray(calling_index + region_index)
    table = bytearray(512)
    for (slot, kind), label in labels.items():
        table[2 * label : 2 * label + 2] = bytes([slot, kind])
    out += table
    out += b"".join(struct.pack("<HBB", offsets[r], first, count) for r, first, count in callings).ljust(255 * 4, b"\0")
    out += b"".join(
        name + struct.pack("<HHHHHII", code, *(offsets[r] for r in roots), 0, lengths, local) + actions + digits
        for name, code, roots, lengths, local, actions, digits in regions
    ).ljust(255 * 32, b"\0")
    assert len(out) == 11368
    out += nodes
    OUTPUT.write_bytes(out)
    print(f"{len(out)} bytes: {len(pool.nodes)} nodes, {len(labels)} labels, {len(regions)} regions", file=sys.stderr)


if __name__ == "__main__":
    main()
