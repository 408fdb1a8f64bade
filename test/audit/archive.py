"""A foreign auditor of round.car, from docs/archive.md, with nothing but Python's standard library.

    python3 archive.py ARCHIVE

Checks names, form and order of the blocks, the coordinator's signature, the signature of every verdict, and the tallies of all
tests whose votes agree to the byte. Prints one JSON object; exit code 0, or 1 and the first thing that does not hold.
"""

import hashlib
import json
import math
import struct
import sys


class Wrong(Exception):
    pass


# Ed25519, RFC 8032, section 5.1, in plain integers.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    w, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def on_curve(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P != 0:
        x = x * ROOT % P
    if (x * x - square) % P != 0 or (x == 0 and sign == 1):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = on_curve((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def verify(key, signature, message):
    point, commitment = on_curve(key), on_curve(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or commitment is None or len(signature) != 64 or scalar >= L:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    a, b = times(scalar, BASE), add(commitment, times(challenge, point))
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


# Varints, CBOR, CIDs.
def varint(data, at):
    value, shift = 0, 0
    while True:
        if at >= len(data):
            raise Wrong("byte %d: a length is cut off" % at)
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            if byte == 0 and shift > 0:
                raise Wrong("byte %d: a length is not as short as it can be" % at)
            return value, at
        shift += 7


def sized(data):
    number, out = len(data), b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number]) + data


class Link(bytes):
    """The bytes of a CID."""


def cbor(data):
    value, end = item(data, 0)
    if end != len(data) or encoded(value) != data:
        raise Wrong("a block is not canonical dag-cbor")
    return value


def item(data, at):
    major, info = data[at] >> 5, data[at] & 31
    at += 1
    if major == 7:
        if info == 27:
            return struct.unpack(">d", data[at : at + 8])[0], at + 8
        if info not in (20, 21, 22):
            raise Wrong("a block has a value that dag-cbor has not")
        return {20: False, 21: True, 22: None}[info], at
    if info > 27:
        raise Wrong("a block has an indefinite length")
    width = 0 if info < 24 else 1 << (info - 24)
    number = int.from_bytes(data[at : at + width], "big") if width else info
    at += width
    if major == 0:
        return number, at
    if major == 1:
        return -1 - number, at
    if major in (2, 3):
        part = data[at : at + number]
        return (part if major == 2 else part.decode()), at + number
    if major == 6:
        inner, at = item(data, at)
        if number != 42 or inner[:1] != b"\0":
            raise Wrong("a block has a tag that is no link")
        return Link(inner[1:]), at
    parts = []
    for _ in range(number if major == 4 else 2 * number):
        part, at = item(data, at)
        parts.append(part)
    return (parts if major == 4 else dict(zip(parts[::2], parts[1::2]))), at


def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for info, width in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * width):
            return bytes([major << 5 | info]) + number.to_bytes(width, "big")
    raise Wrong("a number is too large")


def encoded(value):
    if value is None or isinstance(value, bool):
        return {None: b"\xf6", True: b"\xf5", False: b"\xf4"}[value]
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, Link):
        return head(6, 42) + head(2, len(value) + 1) + b"\0" + value
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(encoded, value))
    keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
    return head(5, len(value)) + b"".join(encoded(key) + encoded(value[key]) for key in keys)


def cid_text(cid):
    alphabet, bits, out = "abcdefghijklmnopqrstuvwxyz234567", 0, ""
    number = int.from_bytes(cid, "big") << 2  # 288 bits, made 290
    for place in range(57, -1, -1):
        out += alphabet[number >> (5 * place) & 31]
    return "b" + out


def name(data, codec):
    return b"\x01" + bytes([codec]) + b"\x12\x20" + hashlib.sha256(data).digest()


def peer_id(key_message):
    alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    data = b"\0" + sized(key_message)
    number, out = int.from_bytes(data, "big"), ""
    while number > 0:
        number, digit = divmod(number, 58)
        out = alphabet[digit] + out
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + out


def fields(message):
    found, at = {}, 0
    while at < len(message):
        tag, at = varint(message, at)
        if tag & 7 == 0:
            found[tag >> 3], at = varint(message, at)
        else:
            size, at = varint(message, at)
            found[tag >> 3] = message[at : at + size]
            at += size
    return found


def opened(envelope, domain):
    """The signer and the payload of an envelope."""
    found = fields(envelope)
    key = fields(found[1])
    signed = sized(domain) + sized(found[2]) + sized(found[3])
    if key[1] != 1 or found[2] != b"\x71" or not verify(key[2], found[5], signed):
        raise Wrong("a signature does not hold")
    return peer_id(found[1]), found[3]


# The archive.
class Archive:
    def __init__(self, data):
        size, at = varint(data, 0)
        header = cbor(data[at : at + size])
        at += size
        self.order, self.blocks = [], {}
        while at < len(data):
            start = at
            size, at = varint(data, at)
            cid, block = data[at : at + 36], data[at + 36 : at + size]
            if size < 36 or at + size > len(data):
                raise Wrong("byte %d: a block is cut off" % start)
            if cid[1:2] not in (b"\x71", b"\x55") or name(block, cid[1]) != cid:
                raise Wrong("byte %d: block %d is not what its name says" % (start, len(self.order)))
            if cid in self.blocks:
                raise Wrong("byte %d: a block is there twice" % start)
            self.blocks[cid] = block
            self.order.append(cid)
            at += size
        if header != {"roots": [self.order[0]], "version": 1}:
            raise Wrong("the header names another root")
        self.root = cbor(self.blocks[self.order[0]])
        self.manifest = cbor(self.get(self.root["manifest"]))

    def get(self, cid):
        if cid not in self.blocks:
            raise Wrong("%s is not in the archive" % cid_text(cid))
        return self.blocks[cid]

    def records(self, kind):
        found = []
        for link in self.manifest[kind]:
            part = cbor(self.get(link))
            if part["from"] != len(found):
                raise Wrong("a list of %s is out of order" % kind)
            found += part["records"]
        return found

    def mentioned(self, cases, tasks):
        kinds = ("cases", "tasks", "batches", "operators", "incidents")
        yield from [self.order[0], self.root["manifest"]]
        yield from [link for kind in kinds for link in self.manifest[kind]]
        for case in cases:
            yield from [case["programs"]["cpp"], case["programs"]["cuda"]]
        for task in tasks:
            for vote in task["votes"]:
                yield from [answer["envelope"] for answer in [vote] + again(vote)]
            yield from task["outputs"]


def again(vote):
    return vote["basis"]["again"] if vote["basis"] else []


def said(test):
    flags = {finding["flag"] for finding in test["findings"]} - {"arch-dependent", "numerically-unstable"}
    return (test["status"], tuple(sorted(flags)), test["output"])


def first_of_each(votes):
    seen = set()
    return [vote for vote in votes if not (vote["operator"] in seen or seen.add(vote["operator"]))]


def weight(policy, votes):
    product, newcomer = 1.0, False
    f = policy["f"]
    for vote in sorted(votes, key=lambda vote: vote["basis"]["newcomer"]):
        if vote["basis"]["newcomer"] and newcomer:
            continue
        newcomer = newcomer or vote["basis"]["newcomer"]
        checks, credibility = vote["basis"]["checks"], 1 - f
        if checks:
            credibility = max(credibility, 1 - f / ((1 - f) ** 2 * checks * math.e))
        product *= credibility / (1 - credibility)
    return product


def tally(policy, task, cell, place, verdicts):
    """The votes behind a decided test, where all of them agree to the byte."""
    counted = first_of_each([vote for vote in task["votes"][: task["counted"]] if not vote["void"]])
    groups = {}
    for vote in counted:
        if vote["class"] == cell["class"]:
            groups.setdefault(said(verdicts[vote["verdict"]]["tests"][place]), []).append(vote)
    own = groups.get(said({**cell, "output": cid_text(cell["output"])}), [])
    if len(own) != cell["votes"]:
        raise Wrong("%d votes are said to agree; %d do" % (cell["votes"], len(own)))
    if policy["kind"] == "majority":
        if len(own) < policy["quorum"]:
            raise Wrong("%d votes are no quorum of %d" % (len(own), policy["quorum"]))
        return
    weights = {key: weight(policy, votes) for key, votes in groups.items()}
    confidence = weight(policy, own) / (1 + sum(weights.values()))
    if confidence < policy["theta"] - 1e-12 or abs(confidence - cell["confidence"]) > 1e-9:
        raise Wrong("a confidence of %r is stated; the votes come to %r" % (cell["confidence"], confidence))


def audit(data):
    archive = Archive(data)
    manifest = archive.manifest
    signer, payload = opened(archive.root["signature"], b"kernelswarm-archive")
    statement = {"v": 2, "round": manifest["round"], "manifest": cid_text(archive.root["manifest"])}
    if cbor(payload) != statement or signer != manifest["coordinator"]:
        raise Wrong("the coordinator signed something else")
    cases, tasks = archive.records("cases"), archive.records("tasks")
    if list(dict.fromkeys(bytes(cid) for cid in archive.mentioned(cases, tasks))) != archive.order:
        raise Wrong("blocks are missing, too many, or in another order")
    if "parent" in manifest:
        of = {"rerun": manifest["parent"]["round"], "cases": manifest["parent"]["cases"]}
        if cid_text(name(encoded(of), 0x71)) != manifest["casesDigest"]:
            raise Wrong("the digest of its cases is not that of what it runs again")
    policy = manifest["spec"]["policy"]
    counts = {"cases": len(cases), "tasks": len(tasks), "verdicts": 0, "tests": 0, "digits": 0}
    verdicts = {}
    for task in tasks:
        where = "task %s" % task["name"]
        for vote in task["votes"]:
            for answer in [vote] + again(vote):
                signer, payload = opened(archive.get(answer["envelope"]), b"kernelswarm-verdict")
                verdict = cbor(payload)
                named = (cid_text(name(payload, 0x71)), signer, verdict["task"], verdict["nonce"])
                if named != (answer["verdict"], vote["node"], task["name"], answer["nonce"]):
                    raise Wrong("%s: a verdict is not what the record says" % where)
                if answer["verdict"] in verdicts:
                    raise Wrong("%s: a verdict counts twice" % where)
                verdicts[answer["verdict"]] = verdict
                counts["verdicts"] += 1
        for place, cell in enumerate(task["cells"]):
            if cell is None:
                continue
            if cell.get("alike") and manifest.get("votes") == "digest":
                raise Wrong("%s, test %d: outputs of other bytes are said to be the same" % (where, place + 1))
            if cell.get("alike"):
                counts["digits"] += 1  # Comparing digits is left to others.
                continue
            try:
                tally(policy, task, cell, place, verdicts)
            except Wrong as error:
                raise Wrong("%s, test %d: %s" % (where, place + 1, error))
            counts["tests"] += 1
    return counts


if __name__ == "__main__":
    try:
        with open(sys.argv[1], "rb") as file:
            print(json.dumps({"holds": True, **audit(file.read())}))
    except Exception as error:  # Whatever cannot be read does not hold either.
        print(json.dumps({"holds": False, "what": str(error) or type(error).__name__}))
        sys.exit(1)
