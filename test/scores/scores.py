"""Works the scores of a round out again, by docs/scores.md and docs/rules.md and nothing else, and holds them against its files.

    python3 scores.py CASES.jsonl OUT [RECORDED.jsonl [WALL]]

CASES is what the round was opened with, OUT the folder of its results, WALL the seconds a test had (60 as in the reference unless
said). RECORDED are cases with outputs that were recorded elsewhere: what is known of a translation without any verdict.
Prints one JSON object: what was compared, and what is wrong.
"""

import csv
import itertools
import json
import math
import re
import sys
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path

RULES = ("compat", "strict")
LETTERS = {"pass": "p", "fail": "f", "void": "v", "unknown": "u"}
PRIORS = ((1e3, 1e4), (1e3, 1e5), (1e3, 1e6))

wrong = []
compared = Counter()


def check(what, found, expected):
    """Numbers are given with six digits."""
    name = what.split(":")[0]
    compared[name] += 1
    same = (
        abs(found - expected) < 2e-6
        if isinstance(expected, (float, Fraction)) and isinstance(found, (int, float))
        else found == expected
    )
    if not same:
        wrong.append(f"{what}: {found!r}, and by hand {expected!r}"[:400])


def text(output):
    """What of a printed text is compared."""
    lines = output.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return [" ".join(line.split()) for line in lines]


def compat_cell(test, wall):
    sides = (test["cpp"], test["cuda"])
    statuses = [side["status"] for side in sides]
    if any(status in (None, "unsupported", "memory_limit", "output_limit") for status in statuses):
        return "unknown"
    # In the time of the reference it might have ended.
    if "timeout" in statuses and wall < 60:
        return "unknown"
    if statuses != ["success", "success"]:
        return "fail"
    return "pass" if text(sides[0]["output"]) == text(sides[1]["output"]) else "fail"


def judged(rule, cells):
    if "fail" in cells:
        return "different"
    if rule == "compat":
        return "equivalent" if cells and set(cells) == {"pass"} else "undecided"
    if not cells or "unknown" in cells:
        return "undecided"
    return "equivalent" if "pass" in cells else "invalid"


def pass_at_k(n, c, k):
    """The share of all draws of k with a correct one among them."""
    return 1 - Fraction(math.comb(n - c, k), math.comb(n, k))


def ln_beta(m, n):
    return math.lgamma(m) + math.lgamma(n) - math.lgamma(m + n)


def b4(rows, row, prior):
    """Cell by cell, as the formula of docs/scores.md has it."""
    a, b = prior
    tests = [t for t in range(len(row)) if any(r[t] in "pf" for r in rows)]
    x = sum(r == row for r in rows)
    y = row.count("p")
    counts = Counter()
    for other in rows:
        if other == row:
            continue
        for t, cell in enumerate(other):
            if cell in "pf":
                inside = "1" if row[t] == "p" else "0"
                counts["n" + inside] += 1
                counts["e" + inside] += cell == "p"
    return (
        ln_beta(x + a, len(rows) - x + 1)
        + ln_beta(y + a, len(tests) - y + 1)
        + ln_beta(counts["e1"] + 1, counts["n1"] - counts["e1"] + 1)
        + ln_beta(counts["e0"] + 1, counts["n0"] - counts["e0"] + b)
    )


def check_choices(what, lines, rows, chosen):
    """Rows are of letters; what is not p or f is not known."""
    known = ["".join(cell if cell in "pf" else "?" for cell in row) for row in rows]
    ways = [
        lambda row: row.count("p"),
        lambda row: math.sqrt(known.count(row)) * row.count("p"),
        *[lambda row, prior=prior: b4(known, row, prior) for prior in PRIORS],
    ]
    for at, way in enumerate(ways):
        scores = {line: way(row) for line, row in zip(lines, known) if "p" in row}
        best = max(scores.values(), default=None)
        picked = [] if best is None else [line for line in lines if line in scores and scores[line] > best - 1e-6]
        check(f"choice: {what}, {chosen[at]['by']}", chosen[at]["lines"], picked)
        if best is not None:
            check(f"score of a choice: {what}, {chosen[at]['by']}", chosen[at]["score"], float(best))


def fate(rule, outcome, origin):
    tests = outcome["tests"]
    if any(test[side]["status"] == "compile_error" for test in tests for side in ("cpp", "cuda")):
        return "stillborn", []
    tells = lambda at: origin is None or (at < len(origin["tests"]) and origin["tests"][at][rule] == "pass")
    asked = [at for at, test in enumerate(tests) if tells(at) and test[rule] != "void"]
    killers = [at + 1 for at in asked if tests[at][rule] == "fail"]
    if killers:
        return "killed", killers
    return ("alive" if asked and all(tests[at][rule] == "pass" for at in asked) else "open"), []


def behaviour(case, outcome):
    """What a translation did, test by test; None where not all is known."""
    tests = outcome["tests"]
    if not tests or any(test["cuda"]["status"] in (None, "unsupported") for test in tests):
        return None
    masked = lambda output: [re.sub(r"0x[0-9a-fA-F]+", "0x", line) for line in text(output)]
    did = [[test["cuda"]["status"], masked(test["cuda"]["output"])] for test in tests]
    return json.dumps([case["cpp_code"], case["consistent_cpp_inputs"], did])


def check_recorded(cases, outcomes, recorded):
    """Truth that no verdict of this round has a part in: what the pair printed where it was recorded."""
    other = []
    for case, outcome in zip(cases, outcomes):
        origin = case["mutant"]["origin"] if "mutant" in case else case["id"]
        truth = recorded.get(str(origin))
        for at, test in enumerate(outcome["tests"]):
            says = text(truth[at])
            prints = {side: test[side]["status"] == "success" and text(test[side]["output"]) == says for side in ("cpp", "cuda")}
            if "mutant" not in case and not all(prints.values()):
                other.append(f"{case['id']}/{at + 1}")
            if prints["cpp"] and test["compat"] != "unknown":
                check(f"cell against what was recorded: {case['id']}/{at + 1}", test["compat"], "pass" if prints["cuda"] else "fail")
        # A name that nobody declares compiles nowhere. Without nvcc, which these rounds do without, one that looks like a name of CUDA's
        # may be something that the emulated device has not, and nobody says that it does not compile.
        if case.get("mutant", {}).get("kind") == "name":
            statuses = {test["cuda"]["status"] for test in outcome["tests"]}
            ends = "unsupported" if case["mutant"]["to"].startswith("cuda") else "compile_error"
            check(f"mutant that cannot compile: {case['id']}", statuses, {ends})
    return other


def check_problem(found, cases, outcomes, origins):
    at = {outcome["line"]: index for index, outcome in enumerate(outcomes)}
    for rule in RULES:
        said = found["rules"][rule]
        members = [outcomes[at[line]] for line in found["lines"]]
        rows = ["".join(LETTERS[test[rule]] for test in outcome["tests"]) for outcome in members]
        what = f"{found['problem'][:40]}, {rule}"
        check(f"matrix: {what}", said["cells"], rows)
        words = [judged(rule, [test[rule] for test in outcome["tests"]]) for outcome in members]
        check(f"correct: {what}", said["correct"], words.count("equivalent"))
        check(f"open: {what}", said["open"], sum(word not in ("equivalent", "different") for word in words))
        # With one list of tests for all of them, as here, a letter is the same test in every row.
        check_choices(what, found["lines"], rows, said["choices"]["chosen"])
        fates = []
        for outcome in members:
            case = cases[at[outcome["line"]]]
            if "mutant" in case:
                name, killers = fate(rule, outcome, origins.get(case["mutant"]["origin"]))
                fates.append({"line": outcome["line"], "kind": case["mutant"]["kind"], "fate": name, "killedBy": killers})
        check(f"fates: {what}", said["mutants"], fates)
    groups = defaultdict(list)
    for line in found["lines"]:
        did = behaviour(cases[at[line]], outcomes[at[line]])
        groups[did].append(line)
    unknown = len(groups.pop(None, []))
    check(f"alike: {found['problem'][:40]}", sorted(group["lines"] for group in found["alike"]["groups"]), sorted(groups.values()))
    check(f"alike, unknown: {found['problem'][:40]}", found["alike"]["unknown"], unknown)


def main(cases_file, folder, recorded_file=None, wall=60):
    wall = float(wall)
    out = Path(folder)
    jsonl = lambda path: [json.loads(line) for line in Path(path).read_text("utf8").split("\n") if line.strip()]
    cases, outcomes = jsonl(cases_file), jsonl(out / "outcomes.jsonl")
    scores = json.loads((out / "scores.json").read_text("utf8"))
    check("cases", len(outcomes), len(cases))

    for case, outcome in zip(cases, outcomes):
        for at, test in enumerate(outcome["tests"]):
            check(f"cell: {case['id']}/{at + 1}", test["compat"], compat_cell(test, wall))
        for rule in RULES:
            check(f"judgement: {case['id']}", outcome["judgement"][rule], judged(rule, [test[rule] for test in outcome["tests"]]))

    # Problems in the order of their first cases; without a name of its own the original's code is one, and a mutant's is its origin's.
    by_id = {str(case["id"]): case for case in reversed(cases) if "mutant" not in case}
    problems = defaultdict(list)
    for case, outcome in zip(cases, outcomes):
        origin = by_id[case["mutant"]["origin"]] if "mutant" in case else case
        problems[origin.get("problem", origin["cpp_code"])].append(outcome)
    check("problems", [one["lines"] for one in scores["problems"]], [[o["line"] for o in of] for of in problems.values()])

    with open(out / "matrix.csv", newline="", encoding="utf8") as file:
        rows = [(row["line"], row["rule"], row["judgement"], [row[c] for c in row if c.startswith("test ") and row[c]]) for row in csv.DictReader(file)]
    by_hand = [
        (str(o["line"]), rule, o["judgement"][rule], [test[rule] for test in o["tests"]])
        for o in itertools.chain.from_iterable(problems.values())
        for rule in RULES
    ]
    check("matrix.csv", len(rows), len(by_hand))
    for row, expected in zip(rows, by_hand):
        check(f"row of matrix.csv: {expected[0]}", row, expected)

    origins = {str(case["id"]): outcome for case, outcome in reversed(list(zip(cases, outcomes))) if "mutant" not in case}
    for found in scores["problems"]:
        check_problem(found, cases, outcomes, origins)

    for rule in RULES:
        counts = [
            (len(of), *(sum(o["judgement"][rule] in words for o in of) for words in (("equivalent",), ("undecided", "invalid"))))
            for of in problems.values()
        ]
        curve = scores["rules"][rule]["passAtK"]
        check(f"largest k: {rule}", curve["largestK"], min(n for n, _, _ in counts))
        for value in curve["values"]:
            k = value["k"]
            mean = lambda of: sum(of, Fraction(0)) / len(counts)
            check(f"pass@k: {rule} {k}", value["value"], mean(pass_at_k(n, c, k) for n, c, _ in counts))
            check(f"pass@k at most: {rule} {k}", value["atMost"], mean(pass_at_k(n, c + o, k) for n, c, o in counts))
            check(f"interval around pass@k: {rule} {k}", value["low"] is None or value["low"] <= value["value"] <= value["high"], True)
        fates = Counter(one["fate"] for found in scores["problems"] for one in found["rules"][rule]["mutants"])
        said = scores["rules"][rule]["mutants"]
        mutants = sum("mutant" in case for case in cases)
        check(f"mutants: {rule}", (said or {}).get("mutants", 0), mutants)
        for name in ("killed", "alive", "stillborn", "open") if mutants else ():
            check(f"mutants: {rule} {name}", said[name], fates[name])

    recorded = {str(case["id"]): case["consistent_outputs"] for case in jsonl(recorded_file)} if recorded_file else {}
    other = check_recorded(cases, outcomes, recorded) if recorded else []
    kinds = Counter(case["mutant"]["kind"] for case in cases if "mutant" in case)
    words = Counter(o["judgement"]["compat"] for o in outcomes)
    print(json.dumps({"compared": compared, "wrong": wrong, "notAsRecorded": other, "kinds": kinds, "compat": words}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
