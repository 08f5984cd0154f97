#!/usr/bin/env python3
"""What a spec tuned by labels gains over the one that `stitchline dedupe` chooses without any.

    cargo build --release
    benches/tuned_spec.py DATA.csv --truth COLUMN [--group COLUMN] [--seconds 120] [--whole] [-- --id ID --source SOURCE …]

The customers (or the groups, where those of one group are hard to tell from each other) are dealt into two halves. On
each half a spec is tuned by climbing: every change of a long list (thresholds, how much counts that speaks against,
comparisons and levels left out, moved, added or weighed otherwise, blocking rules left out and added) is tried alone, then
those that helped one upon the other, then all again in another order, for as many seconds as are given.
Printed is the F1 of the pairs in clusters on the half that was tuned on and on the other one, which is the honest
figure, each beside that of no configuration at all. `--whole` tunes on all rows as well and measures there: an upper
bound, since of a small data set much of what such a search finds is its labels' own.
"""
import argparse, copy, csv, hashlib, json, pathlib, random, subprocess, sys, tempfile, time, tomllib

BINARY = pathlib.Path(__file__).resolve().parent.parent / "target/release/stitchline"


def toml(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"


def text(spec):
    return "".join(f"{key} = {toml(value)}\n" for key, value in spec.items())


class Data:
    """A file of rows with the truth in one column."""

    def __init__(self, path, truth, options, folder):
        self.path, self.truth, self.options, self.folder = path, truth, options, folder
        self.known, self.runs = {}, 0

    def f1(self, spec=None):
        """Pairwise F1 of the clusters; None where the spec is refused."""
        key = spec and text(spec)
        if key not in self.known:
            command = [BINARY, "dedupe", self.path, "--truth", self.truth, "--threads", "1", "--json", *self.options]
            if spec is None:
                command += ["--save-spec", self.folder / "chosen.toml"]
            else:
                (self.folder / "tried.toml").write_text(key)
                command += ["--spec", self.folder / "tried.toml"]
            run = subprocess.run(command, capture_output=True, text=True)
            self.runs += 1
            if run.returncode and spec is None:
                sys.exit(run.stderr)
            self.known[key] = None if run.returncode else json.loads(run.stdout)["quality"]["clusters"]["pairwise"]["f1"]
        return self.known[key]

    def chosen(self):
        return tomllib.loads((self.folder / "chosen.toml").read_text())


ADDED = {
    "given": ["soundex", {"jaro_winkler": 0.9}, {"jaro_winkler": 0.75}, {"prefix": 3}],
    "family": ["soundex", "metaphone", {"damerau_levenshtein": 2}, {"jaro_winkler": 0.75}, {"prefix": 3}, {"shared_words": 1}],
    "date": [{"days": 31}, {"days": 3660}, {"prefix": 4}, {"suffix": 5}, {"damerau_levenshtein": 3}],
    "email": ["same_local_part", {"local_part_jaro_winkler": 0.95}, {"local_part_jaro_winkler": 0.85}, {"jaro_winkler": 0.88}],
    "phone": [{"prefix": 6}, {"suffix": 4}, {"suffix": 9}],
    "identifier": [{"damerau_levenshtein": 3}, {"prefix": 4}],
}


def moves(spec):
    """Changes by name. Each is a function that changes a spec, or raises LookupError where it no longer applies."""
    found = {}

    def put(key, value):
        return lambda s: s.pop(key, None) if value is None else s.__setitem__(key, value)

    def comparison(s, name):
        return next((c for c in s["comparisons"] if c["name"] == name), None) or {}["comparison"]

    def without(s, name):
        s["comparisons"] = [c for c in s["comparisons"] if c["name"] != name]
        for c in s["comparisons"]:
            c["made_of"] = [of for of in c.get("made_of", []) if of != name]
            if not c["made_of"]:
                del c["made_of"]

    def at(s, name, test):
        levels = comparison(s, name)["levels"]
        return levels, [level["test"] for level in levels].index(test)

    def change(name, test, act):
        def changed(s):
            try:
                levels, place = at(s, name, test)
            except ValueError as gone:
                raise LookupError from gone
            act(levels, place)
        return changed

    def drop(levels, place):
        del levels[place]
        levels[0]

    def up(levels, place):
        if place == 0:
            raise LookupError
        levels[place - 1 : place + 1] = [levels[place], levels[place - 1]]

    def weigh(key, value):
        def weighed(levels, place):
            levels[place]["term_frequency"]
            levels[place][key] = value
        return weighed

    def expect(factor):
        return lambda levels, place: levels[place].update(m=min(0.95, levels[place]["m"] * factor))

    def add(name, test, last):
        def added(s):
            levels = comparison(s, name)["levels"]
            if any(level["test"] == test for level in levels):
                raise LookupError
            levels.insert(len(levels) if last else 1, {"test": test, "m": 0.03})
        return added

    def rule(keys, largest):
        def added(s):
            if any(own["keys"] == keys for own in s["blocking"]):
                raise LookupError
            s["blocking"].append({"keys": keys} | ({"largest": largest} if largest else {}))
        return added

    def no_rule(keys):
        return lambda s: s.__setitem__("blocking", [own for own in s["blocking"] if own["keys"] != keys])

    for value in (0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0):
        found[f"against {value}"] = put("against", value)
    for value in (None, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95):
        found[f"threshold {value}"] = put("threshold", value)
    kinds = {column["name"]: column["kind"] for column in spec["columns"]}
    for c in spec["comparisons"]:
        name = c["name"]
        found[f"{name} left out"] = lambda s, name=name: without(s, name)
        found[f"{name} of several"] = lambda s, name=name: comparison(s, name).pop("made_of")
        for flag in ("personal", "exclusive"):
            turned = lambda s, name=name, flag=flag: comparison(s, name).update({flag: not comparison(s, name).get(flag)})
            found[f"{name} {flag}"] = turned
        for level in c["levels"]:
            acts = {"left out": drop, "up": up} | {f"m x {by}": expect(by) for by in (0.1, 0.3, 3.0, 10.0)}
            acts |= {f"weight {w}": weigh("term_frequency_weight", w) for w in (0.0, 0.25, 0.5, 0.75, 1.0)}
            acts |= {f"own {w}": weigh("term_frequency_own", w) for w in (2, 3, 5, 10)}
            for what, act in acts.items():
                found[f"{name}, {toml(level['test'])}: {what}"] = change(name, level["test"], act)
        of = c["columns"][0]
        tests = next((tests for start, tests in ADDED.items() if kinds.get(of, "").startswith(start)), [])
        if name == "address":
            alike = ({"jaro_winkler": 0.92}, {"jaro_winkler": 0.85}, {"damerau_levenshtein": 1}, {"prefix": 3})
            tests = [{"all": [{"on": [column, test]}]} for column in c["columns"] for test in alike]
        for test in tests:
            for last in (False, True):
                found[f"{name}: {toml(test)} {'last' if last else 'second'}"] = add(name, test, last)
    for own in spec["blocking"]:
        found[f"no rule {own['keys']}"] = no_rule(own["keys"])
    named = {}
    for column in spec["columns"]:
        named.setdefault(column["kind"].split("_")[0], json.dumps(column["name"]) if " " in column["name"] else column["name"])
    rules = [
        "metaphone({family})", "metaphone({given})", "soundex({family})+soundex({given})", "sorted_letters({family})",
        "sorted_letters({given})", "year({date})+prefix({family}, 2)", "year({date})+prefix({given}, 2)", "month_day({date})",
        "formal_name({given})+year({date})", "prefix({family}, 4)", "prefix({family}, 3)+prefix({given}, 1)", "{family}",
        "{given}", "sorted_letters_less_one({given}, {family})", "suffix({date}, 5)", "prefix(local_part({email}), 5)",
        "sorted_letters_less_one({given}, {family}) | sorted_letters_less_one(local_part({email}))", "suffix({email}, 8)",
        "{family} | words(local_part({email}))", "{postcode}", "{postcode}+prefix({given}, 1)", "{place}+{given}",
        "{place}+{date}", "{place}+soundex({family})", "{city}+{given}", "suffix({phone}, 6)", "sorted_letters({phone})",
    ]
    for keys in rules:
        try:
            keys = keys.format(**named).split("+")
        except KeyError:
            continue
        for largest in (None, 50):
            found[f"rule {keys} {largest or ''}"] = rule(keys, largest)
    return found


def tune(data, seconds, seed=1):
    """The best spec that is found within the time, and how many were tried."""
    data.f1()
    start = data.chosen()
    best, spec, every = data.f1(start), start, moves(start)
    began, shuffle, alone = time.monotonic(), random.Random(seed), []

    def tried(spec, name):
        changed = copy.deepcopy(spec)
        try:
            every[name](changed)
        except LookupError:
            return None, None
        return changed, data.f1(changed)

    for name in every:
        if time.monotonic() - began > seconds / 2:
            break
        _, f1 = tried(start, name)
        alone.append((f1 or 0, name))
    order = [name for f1, name in sorted(alone, reverse=True) if f1 > best]
    while order and time.monotonic() - began < seconds:
        before = best
        for name in order:
            if time.monotonic() - began > seconds:
                break
            changed, f1 = tried(spec, name)
            if f1 and f1 > best + 1e-9:
                best, spec = f1, changed
        if len(order) == len(every) and best == before:
            break
        order = list(every)
        shuffle.shuffle(order)
    return spec, best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--group", help="deal the values of this column instead of customers; ignored in linkage")
    parser.add_argument("--seconds", type=float, default=120, help="of each search")
    parser.add_argument("--whole", action="store_true", help="tune on all rows as well")
    parser.add_argument("--keep", type=pathlib.Path, help="write the tuned specs into this folder")
    # What comes after -- are options of `stitchline dedupe`.
    own, options = sys.argv[1:], []
    if "--" in own:
        own, options = own[: own.index("--")], own[own.index("--") + 1 :]
    args = parser.parse_args(own)
    options += ["--ignore", args.group] if args.group else []
    with tempfile.TemporaryDirectory() as folder, args.data.open(newline="") as file:
        folder = pathlib.Path(folder)
        header, *rows = csv.reader(file)
        by = header.index(args.group or args.truth)
        halves = [[], []]
        for row in rows:
            halves[hashlib.sha256(row[by].encode()).digest()[0] & 1].append(row)
        data = []
        for half, rows in enumerate(halves):
            own = folder / str(half)
            own.mkdir()
            with (own / "rows.csv").open("w", newline="") as out:
                csv.writer(out).writerows([header, *rows])
            data.append(Data(own / "rows.csv", args.truth, options, own))
        print(f"{args.data.parent.name}/{args.data.name}: pairwise F1 of the clusters")
        print("                        no configuration   tuned spec   gain   specs tried")
        gains = []
        for on, off in ((0, 1), (1, 0)):
            spec, best = tune(data[on], args.seconds)
            zero, other = data[off].f1(), data[off].f1(spec)
            gains.append((other or 0) - zero)
            if args.keep:
                args.keep.mkdir(exist_ok=True)
                (args.keep / f"tuned_on_half_{on}.toml").write_text(text(spec))
            print(f"half {on}, tuned on it               {data[on].f1():.4f}       {best:.4f} {best - data[on].f1():+.4f}   {data[on].runs}")
            print(f"half {off}, by the spec of half {on}     {zero:.4f}       {other or 0:.4f} {gains[-1]:+.4f}", flush=True)
        print(f"mean of the halves that were not tuned on: {sum(gains) / 2:+.4f}")
        if args.whole:
            whole = Data(args.data, args.truth, options, folder)
            spec, best = tune(whole, args.seconds)
            if args.keep:
                (args.keep / "tuned_on_all.toml").write_text(text(spec))
            print(f"all rows, tuned on them          {whole.f1():.4f}       {best:.4f} {best - whole.f1():+.4f}   {whole.runs}")


main()
