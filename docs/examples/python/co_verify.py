"""Co-verify in a Python pipeline, by one subprocess call.

Where the published pipeline compiles and runs every pair on its own host, it calls `co_verify` instead: pairs in, the accepted ones
out, as dictionaries with the fields that its next step reads. Python 3, standard library only.

    python3 co_verify.py pairs.jsonl results                       # on this machine
    python3 co_verify.py pairs.jsonl results /ip4/.../p2p/12D3...  # by a swarm
"""

import json
import os
import subprocess
import sys
from pathlib import Path

KERNELSWARM = os.environ.get("KERNELSWARM", "kernelswarm")


def co_verify(pairs, out, coordinator=None, options=()):
    """Verifies pairs and returns those that are equivalent, in input order.

    pairs        dictionaries with CPP, CUDA, CUDA_WRAPPER, consistent_cpp_inputs, consistent_cuda_inputs and, if you like, source
    out          folder for the result files: translator_sft.json and tester_sft.json are in it, ready for training
    coordinator  its address; None: a swarm of its own on this machine
    options      more options of `kernelswarm submit` (or `run`), such as ("--rule", "compat")

    Called again with the same pairs after it was cut, it goes on where it was. Raises subprocess.CalledProcessError when the
    round did not finish (exit code 1) or the pairs are not as they should be (2); what was wrong is on standard error.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    cases = out / "cases.jsonl"
    cases.write_text("".join(json.dumps(pair) + "\n" for pair in pairs), encoding="utf-8")
    where = ["run", str(cases)] if coordinator is None else ["submit", str(cases), "--coordinator", coordinator]
    subprocess.run([KERNELSWARM, *where, "--out", str(out), *options], check=True, stdout=sys.stderr)
    lines = (out / "valid_translations.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def main():
    source, out, *rest = sys.argv[1:]
    pairs = [json.loads(line) for line in Path(source).read_text(encoding="utf-8").splitlines() if line.strip()]
    options = tuple(os.environ.get("KERNELSWARM_OPTIONS", "").split())
    accepted = co_verify(pairs, out, rest[0] if rest else None, options)
    print(f"{len(accepted)} of {len(pairs)} pairs are equivalent; training files are in {out}")


if __name__ == "__main__":
    main()
