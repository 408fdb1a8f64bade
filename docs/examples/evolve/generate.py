"""Stands in for inference with the Translator and the Tester: writes one round's cases.

It translates nothing. It knows a right translation of each function (from first-round.jsonl, beside this folder) and gives, for
each sample, either that one or a copy with one operator or number of the kernel changed, which mostly is wrong. What the "model" has
learned (picks.json, made by train.py) is given instead, three times in four, where there is something. The tests are
those of first-round.jsonl: they stand for what a Tester would write.

Equal rounds and models give equal files. Python 3, standard library only.
"""

import json
import os
import random
import re
from pathlib import Path

FUNCTIONS = ("01-axpy", "18-stencil-1d", "20-transpose", "34-gray")
SAMPLES = 4
GOOD_AT_FIRST = 0.3
KEEPS_TO_WHAT_IT_LEARNED = 0.75

# Of a kernel's text: what is changed into what.
CHANGES = {"<": "<=", "+": "-", "*": "+", "/": "*", "0": "1", "1": "2"}


def known_pairs():
    """The lines of first-round.jsonl that are sampled, by their ids."""
    lines = (Path(__file__).parent.parent / "first-round.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = {line["id"]: line for line in map(json.loads, lines)}
    return [pairs[name] for name in FUNCTIONS]


def learned():
    """What training has made of earlier rounds: translations by the text of the original. Nothing in the first round."""
    model = os.environ["KERNELSWARM_MODEL"]
    return json.loads((Path(model) / "picks.json").read_text(encoding="utf-8")) if model else {}


def mutate(kernel, chance):
    """The kernel with one of CHANGES made at one place of its body."""
    body = kernel.index("{")
    places = [match for match in re.finditer(r"(?<![<>+\w.])[<+*/01](?![<=+\w.])", kernel) if match.start() > body]
    place = chance.choice(places)
    return kernel[: place.start()] + CHANGES[place.group()] + kernel[place.end() :]


def translate(pair, picks, chance):
    """One sample of a translation."""
    if picks and chance.random() < KEEPS_TO_WHAT_IT_LEARNED:
        return chance.choice(picks)
    return pair["cuda_code"] if chance.random() < GOOD_AT_FIRST else mutate(pair["cuda_code"], chance)


def main():
    number = os.environ["KERNELSWARM_ROUND"]
    model = learned()
    with open(os.environ["KERNELSWARM_CASES"], "w", encoding="utf-8") as cases:
        for pair in known_pairs():
            for sample in range(SAMPLES):
                chance = random.Random(f"{number} {pair['id']} {sample}")
                case = {
                    "id": f"{pair['id']} sample {sample + 1}",
                    "problem": pair["id"],
                    "source": "CPP",
                    "CPP": pair["cpp_code"],
                    "CUDA": translate(pair, model.get(pair["cpp_code"]), chance),
                    "CUDA_WRAPPER": pair["cuda_wrapper"],
                    "consistent_cpp_inputs": pair["consistent_cpp_inputs"],
                    "consistent_cuda_inputs": pair["consistent_cuda_inputs"],
                }
                cases.write(json.dumps(case) + "\n")
    print(f"round {number}: {len(FUNCTIONS)} functions, {SAMPLES} samples each; {len(model)} of them learned")


if __name__ == "__main__":
    main()
