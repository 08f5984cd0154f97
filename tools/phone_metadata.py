#!/usr/bin/env python3
"""Compile libphonenumber's metadata into src/normalize/phone/metadata.bin.

Usage, from the root of the repository:

    python3 -m venv /tmp/phone && /tmp/phone/bin/pip install phonenumbers==9.0.43
    /tmp/phone/bin/python tools/phone_metadata.py

The script takes about a minute.  Its output depends only on the phonenumbers release
and on the Unicode version of Python (14.0 in Python 3.11): running it again gives the
same bytes.  Every number pattern in the metadata is a regular
expression over digits without unbounded repetition, so its language is finite
and a minimal acyclic automaton describes it.  All automata share one pool of
nodes, so equal tails (there are many, such as "six more digits") exist once.

File layout (little endian; the reader is src/normalize/phone/table.rs):

    0       1000 x u8      calling code -> calling record, 0xFF for none
    1000    676 x u8       region "AA".."ZZ" (26 * first + second) -> region record, 0xFF for none
    1676    256 x (u8,u8)  label -> (region slot, kind)
    2188    255 x 4 bytes  calling records
    3208    255 x 32 bytes region records
    11368   384 x (u32,u32) ranges of characters, first and last, that Unicode calls alphabetic
                    although they are neither letters nor numbers; ends with 0xFFFFFFFF
    14440   nodes

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
    25  5 x u8   these digits in ASCII

National prefix actions: 0x80 only at the end of the number; 0x40 replace the match by
the transform digits and the captured group, which begins (low 3 bits) digits after the
start and ends (bits 3 and 4) digits before the end of the match; without 0x40 remove
the match.  The longest match wins and, among equals, the lowest bit: that this is what
the regular expression does is checked here.

Node, at byte 2 * number: 10 nibbles, one per digit (0: no way on, k: the k-th child);
u8 label (0: not accepting); then the children as u16 node numbers.  A node whose first
nibble is 15 takes as many digits of any value as its second nibble says, at once, and
leads to its only child.  Node 0 is dead.
"""

import random
import re
import struct
import sys
import unicodedata
from pathlib import Path

import phonenumbers
from phone_automata import Nfa, Pool, enumerate_words, parse_regex
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

RELEASE = "9.0.43"
OUTPUT = Path(__file__).resolve().parent.parent / "src/normalize/phone/metadata.bin"

# The order in which libphonenumber tries the descriptions; the index is the kind in the table.
KINDS = ["premium_rate", "toll_free", "shared_cost", "voip", "personal_number", "pager", "uan", "voicemail"]
FIXED, MOBILE, FIXED_OR_MOBILE = 8, 9, 10

# Symbols with the property Other_Alphabetic, which the unicodedata module does not know.
CIRCLED = [(0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)]


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


def no_letters():
    """Ranges around marks and circled letters that hold no letter and no number."""
    ranges = []
    for code in range(0x80, sys.maxunicode + 1):
        char = chr(code)
        if char.isalnum():
            joined = False
        elif unicodedata.category(char).startswith("M") or any(first <= code <= last for first, last in CIRCLED):
            if ranges and joined:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
            joined = True
    return ranges


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
                (bytes([len(digits)]) + digits.encode()).ljust(8, b"\0"),
            ))
    assert len(labels) < 256 and len(callings) < 255 and len(regions) < 255
    roots = {root for root, _, _ in callings} | {root for region in regions for root in region[2]}
    nodes, offsets = pool.serialise(roots)

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
    ranges = no_letters()
    assert len(ranges) < 384
    out += b"".join(struct.pack("<II", *r) for r in ranges).ljust(384 * 8, b"\xff")
    assert len(out) == 14440
    out += nodes
    OUTPUT.write_bytes(out)
    print(f"{len(out)} bytes: {len(offsets)} nodes, {len(labels)} labels, {len(regions)} regions", file=sys.stderr)


if __name__ == "__main__":
    main()
