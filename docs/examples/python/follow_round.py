"""Follows a round over a coordinator's HTTP API and fetches its result files. Python 3, standard library only.

    python3 follow_round.py http://127.0.0.1:4601 ROUND results

The API only reads, and needs no key: it has what the round's owner shows (docs/rounds.md, "Who sees what"). Its description is at
/api/v1/openapi.json. A coordinator that is away or busy is asked again.
"""

import json
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ASK_EVERY_S = 2
# How long the coordinator may be away before this gives up.
LONGEST_AWAY_S = 3600
TIMEOUT_S = 60


def ask(url):
    """Opens an address; waits for a coordinator that is away or busy. Raises urllib.error.HTTPError when it refuses."""
    deadline = time.monotonic() + LONGEST_AWAY_S
    while True:
        try:
            return urllib.request.urlopen(url, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if time.monotonic() > deadline:
                raise
        time.sleep(ASK_EVERY_S)


def follow(api, name, say=print):
    """Says how a round comes along until it has ended; returns its last counts."""
    said = None
    while True:
        with ask(f"{api}/rounds/{name}") as answer:
            progress = json.load(answer)
        line = f"{progress['state']}: {progress['judged']} of {progress['cases']} cases, {progress['verdicts']} verdicts"
        if line != said:
            say(line)
            said = line
        if progress["state"] in ("aggregated", "cancelled"):
            return progress
        time.sleep(ASK_EVERY_S)


def fetch(api, name, out):
    """Fetches all result files of a round that is aggregated; each gets its name when it is whole."""
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    with ask(f"{api}/rounds/{name}/files") as answer:
        files = json.load(answer)["files"]
    for file in files:
        part = out / f"{file}.part"
        with ask(f"{api}/rounds/{name}/files/{file}") as answer, part.open("wb") as target:
            while chunk := answer.read(1 << 16):
                target.write(chunk)
        part.replace(out / file)
    return files


def main():
    address, name, out = sys.argv[1:]
    api = f"{address.rstrip('/')}/api/v1"
    progress = follow(api, name)
    if progress["state"] != "aggregated":
        sys.exit(f"the round is {progress['state']}")
    print("\n".join(str(Path(out) / file) for file in fetch(api, name, out)))


if __name__ == "__main__":
    main()
