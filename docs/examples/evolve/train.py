"""Stands in for fine-tuning: it learns nothing, it picks.

It reads the Translator's training set as a training would, by way of dataset_info.json, and remembers for each original the
translations that were accepted, beside those of earlier rounds. generate.py gives them again. The Tester's set is only counted.

Python 3, standard library only.
"""

import json
import os
from pathlib import Path


def rows(results, name):
    """The rows of a set that dataset_info.json registers, as (prompt, response)."""
    entry = json.loads((results / "dataset_info.json").read_text(encoding="utf-8"))[name]
    columns = entry["columns"]
    data = json.loads((results / entry["file_name"]).read_text(encoding="utf-8"))
    return [(row[columns["prompt"]], row[columns["response"]]) for row in data]


def main():
    results = Path(os.environ["KERNELSWARM_RESULTS"])
    before = os.environ["KERNELSWARM_MODEL"]
    picks = json.loads((Path(before) / "picks.json").read_text(encoding="utf-8")) if before else {}
    for original, translation in rows(results, "translator_sft"):
        known = picks.setdefault(original, [])
        if translation not in known:
            known.append(translation)
    target = Path(os.environ["KERNELSWARM_NEW_MODEL"]) / "picks.json"
    target.write_text(json.dumps(picks, indent=1), encoding="utf-8")
    print(f"{len(picks)} originals with accepted translations; {len(rows(results, 'tester_sft'))} examples for a Tester, not used")


if __name__ == "__main__":
    main()
