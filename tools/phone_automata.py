"""Minimal acyclic automata over digits, for phone_metadata.py, which documents their form."""

import struct

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
        memo, moves = {}, {}

        def following(states):
            if states not in moves:
                steps = [move for s in states for move in nfa.moves[s]]
                targets = [frozenset(end for digits, end in steps if d in digits) for d in range(10)]
                closed = {t: nfa.closure(t) for t in set(targets)}
                moves[states] = [closed[t] for t in targets]
            return moves[states]

        def visit(states, depth):
            # Only leading digits are left: nothing can be accepted any more.
            if not states or states <= nfa.loops:
                return 0
            key = (states, depth)
            if key not in memo:
                label = label_of({nfa.accept[s] for s in states if s in nfa.accept}, depth)
                memo[key] = self.node(label, tuple(visit(next_states, depth + 1) for next_states in following(states)))
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

    def skip(self, number):
        """How many digits of any value follow a node without a label in between, and the
        node behind them; (0, 0) when its ways differ."""
        count, target = 0, number
        while count < 15 and (count == 0 or not self.nodes[target][0]):
            ways = set(self.nodes[target][1])
            if len(ways) > 1 or 0 in ways:
                break
            count, target = count + 1, ways.pop()
        return count, target if count else 0

    def serialise(self, roots):
        """The bytes of all nodes that the roots reach, and {node: word offset}."""
        offsets, order, at, stack = {}, [], 0, [0] + sorted(roots, reverse=True)
        while stack:
            number = stack.pop()
            if number in offsets:
                continue
            label, ways = self.nodes[number]
            count, target = self.skip(number)
            children = [target] if count else list(dict.fromkeys(c for c in ways if c))
            bits = label << 40 | (count << 4 | 0xF if count else 0)
            if not count:
                for digit, child in enumerate(ways):
                    bits |= (children.index(child) + 1 if child else 0) << (4 * digit)
            offsets[number] = at
            order.append((bits, children))
            at += 3 + len(children)
            stack += children
        assert at < 1 << 16, f"{at} words do not fit a 16-bit node number"
        out = bytearray()
        for bits, children in order:
            out += bits.to_bytes(6, "little")
            for child in children:
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
