"""A foreign reader of what goes over the wire, from docs/protocol.md, with nothing but Python's standard library.

    python3 reader.py PROTOCOL.md VECTORS

Reads the grammar (CDDL) of the page and holds every vector of the folder against it: messages, signed statements, owners'
certificates, programs and their names, canonical CBOR. Prints one JSON object: how many rows of each file came out as they should,
and those that did not; exit code 0 when there is none.
"""

import base64
import json
import math
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "audit"))
from archive import Wrong, cbor, cid_text, encoded, name, sized, varint, verify  # noqa: E402

MAX_DEPTH = 16
DAY_MS = 86_400_000


# The grammar: just as much of CDDL as the page uses.
TOKEN = re.compile(
    r'\s+|;[^\n]*|(?P<text>"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?:e-?\d+)?)|(?P<name>[a-zA-Z][\w-]*)'
    r"|(?P<control>\.(?:size|regexp|ge))|(?P<sign>\.\.|=>|[{}\[\]()=/,:?*])"
)


class Grammar:
    def __init__(self, page):
        self.tokens, self.at, self.rules = [], 0, {}
        for block in re.findall(r"```cddl\n(.*?)```", page, re.S):
            at = 0
            while at < len(block):
                found = TOKEN.match(block, at)
                if found is None:
                    raise Wrong("the grammar cannot be read: %r" % block[at : at + 40])
                at = found.end()
                if found.lastgroup is not None:
                    self.tokens.append((found.lastgroup, found.group()))
        while self.at < len(self.tokens):
            rule = self.take("name")
            self.take("sign", "=")
            self.rules[rule] = self.choice()

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else (None, None)

    def take(self, kind, text=None):
        found = self.peek()
        if found[0] != kind or (text is not None and found[1] != text):
            raise Wrong("the grammar has %r where %s %s should be" % (found[1], kind, text or ""))
        self.at += 1
        return found[1]

    def has(self, text):
        if self.peek() == ("sign", text):
            self.at += 1
            return True
        return False

    def choice(self):
        options = [self.one()]
        while self.has("/"):
            options.append(self.one())
        return options[0] if len(options) == 1 else ("any", options)

    def one(self):
        if self.has("("):
            inner = self.choice()
            self.take("sign", ")")
            return inner
        if self.has("{"):
            return self.fields()
        if self.has("["):
            low = int(self.take("number")) if self.peek()[0] == "number" else 0
            self.take("sign", "*")
            high = int(self.take("number")) if self.peek()[0] == "number" else None
            inner = self.choice()
            self.take("sign", "]")
            return ("list", low, high, inner)
        kind, text = self.peek()
        if kind == "text":
            self.at += 1
            return ("is", json.loads(text))
        if kind == "number":
            low = self.number()
            if self.has(".."):
                return ("range", low, self.number())
            return ("is", low)
        base = self.take("name")
        if self.peek()[0] != "control":
            return ("name", base)
        control = self.take("control")
        if control == ".size":
            self.take("sign", "(")
            low = int(self.take("number"))
            self.take("sign", "..")
            high = int(self.take("number")) if self.peek()[0] == "number" else None
            self.take("sign", ")")
            return ("size", base, low, high)
        if control == ".regexp":
            return ("matches", re.compile(json.loads(self.take("text"))))
        return ("least", base, self.number())

    def number(self):
        text = self.take("number")
        return float(text) if "." in text or "e" in text else int(text)

    def fields(self):
        known = {}
        while not self.has("}"):
            if self.has("*"):
                key = self.one()
                self.take("sign", "=>")
                value = self.choice()
                self.has(",")
                self.take("sign", "}")
                return ("table", key, value)
            needed = not self.has("?")
            kind, text = self.peek()
            self.at += 1
            field = json.loads(text) if kind == "text" else text
            self.take("sign", ":")
            known[field] = (needed, self.choice())
            self.has(",")
        return ("map", known)

    def fits(self, value, rule):
        kind = rule[0]
        if kind == "any":
            return any(self.fits(value, one) for one in rule[1])
        if kind == "is":
            return type(value) is type(rule[1]) and value == rule[1]
        if kind == "range":
            low, high = rule[1], rule[2]
            if isinstance(low, int) and isinstance(high, int) and not isinstance(value, int):
                return False
            return is_number(value) and low <= value <= high
        if kind == "list":
            low, high, inner = rule[1:]
            right = isinstance(value, list) and low <= len(value) and (high is None or len(value) <= high)
            return right and all(self.fits(one, inner) for one in value)
        if kind == "map":
            if not isinstance(value, dict) or any(key not in rule[1] for key in value):
                return False
            return all(self.fits(value[key], one) if key in value else not needed for key, (needed, one) in rule[1].items())
        if kind == "table":
            return isinstance(value, dict) and all(self.fits(k, rule[1]) and self.fits(v, rule[2]) for k, v in value.items())
        if kind == "size":
            if not self.fits(value, ("name", rule[1])):
                return False
            length = len(value) if rule[1] == "bstr" else len(value.encode("utf-16-le")) // 2
            return rule[2] <= length and (rule[3] is None or length <= rule[3])
        if kind == "matches":
            return isinstance(value, str) and rule[1].fullmatch(value) is not None
        if kind == "least":
            return is_number(value) and value >= rule[2] and (rule[1] != "int" or isinstance(value, int))
        return self.named(value, rule[1])

    def named(self, value, rule):
        if rule == "tstr":
            return isinstance(value, str)
        if rule == "bstr":
            return isinstance(value, bytes)
        if rule == "bool":
            return isinstance(value, bool)
        if rule == "null":
            return value is None
        if rule == "int":
            return isinstance(value, int) and not isinstance(value, bool)
        if rule == "number":
            return is_number(value)
        if rule not in self.rules:
            raise Wrong("the grammar has no rule %s" % rule)
        return self.fits(value, self.rules[rule])


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# What the page says beside its grammar.
def depth(value):
    parts = value if isinstance(value, list) else value.values() if isinstance(value, dict) else None
    return 0 if parts is None else 1 + max([depth(one) for one in parts], default=0)


def canonical(data):
    try:
        value = cbor(data)
    except Exception as error:  # Whatever cannot be read is refused.
        raise Wrong("canonical") from error
    if depth(value) > MAX_DEPTH or not finite(value):
        raise Wrong("canonical")
    return value


def finite(value):
    parts = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return all(finite(one) for one in parts) and not (isinstance(value, float) and not math.isfinite(value))


def refined(value):
    """What a form cannot say, of a round that is opened and of where a verdict was made."""
    if value.get("t") == "open":
        spec = value["spec"]
        policy, passes = spec["policy"], spec["passes"]
        if policy["kind"] == "majority" and not policy["replicas"] / 2 < policy["quorum"] <= policy["replicas"]:
            raise Wrong("schema")
        if len(set(passes)) != len(passes) or (passes and "isolated" not in passes) or (spec["rule"] == "strict" and not passes):
            raise Wrong("schema")
    for one in value.get("preferred", []):
        parts = one.split(" / ")
        if parts[0] not in ("host", "emulated", "gpu") or not 4 <= len(parts) <= 6:
            raise Wrong("schema")
    for one in value.get("environments", [value["environment"]] if "environment" in value else []):
        if (one["executor"] == "gpu") != (one["gpu"] is not None):
            raise Wrong("schema")
    return value


def message(grammar, data, rule):
    value = canonical(data)
    if not grammar.named(value, rule):
        raise Wrong("schema")
    return refined(value)


def protobuf(data):
    fields, at = {}, 0
    while at < len(data):
        tag, at = varint(data, at)
        if tag & 7 == 0:
            fields[tag >> 3], at = varint(data, at)
            continue
        length, at = varint(data, at)
        if tag & 7 != 2 or at + length > len(data):
            raise Wrong("signature")
        fields[tag >> 3] = data[at : at + length]
        at += length
    return fields


def opened(data, domain):
    """The signer's peer id and the payload of an envelope that holds."""
    try:
        envelope = protobuf(data)
        key = protobuf(envelope[1])
        if key[1] != 1:
            raise Wrong("signature")
        signed = sized(domain.encode()) + sized(envelope[2]) + sized(envelope[3])
        if envelope[2] != b"\x71" or not verify(key[2], envelope[5], signed):
            raise Wrong("signature")
    except Exception as error:
        raise Wrong("signature") from error
    return peer_id(envelope[1]), envelope[3]


LETTERS = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def peer_id(public_key):
    """A key of 36 bytes is its own hash (multihash identity), in base58."""
    number, text = int.from_bytes(b"\0" + bytes([len(public_key)]) + public_key, "big"), ""
    while number > 0:
        number, rest = divmod(number, 58)
        text = LETTERS[rest] + text
    return "1" + text


def statement(grammar, data, domain, rule):
    signer, payload = opened(data, domain)
    return signer, payload, message(grammar, payload, rule)


# Each file of vectors: what comes out of a row, to be held against what it expects.
def read_cbor(grammar, row):
    canonical(bytes.fromhex(row["bytes"]))


WHO = {("work", None): "from-node", ("work", "coordinator"): "to-node", ("rounds", None): "from-researcher"}
WHO["rounds", "coordinator"] = "to-researcher"


def read_message(grammar, row):
    value = message(grammar, bytes.fromhex(row["bytes"]), WHO[row["protocol"], row.get("by")])
    if "message" in row and plain(row["message"]) != value:
        raise Wrong("another message")


def read_envelope(grammar, row):
    signer, payload, value = statement(grammar, bytes.fromhex(row["envelope"]), "kernelswarm-verdict", "verdict")
    if row["expect"] == "ok" and (signer, cid_text(name(payload, 0x71)), value) != (row["signer"], row["payloadCid"], plain(row["value"])):
        raise Wrong("another statement")


def read_statement(grammar, row):
    data = bytes.fromhex(row["envelope"])
    signer, _, value = statement(grammar, data, "kernelswarm-" + row["statement"], row["statement"])
    if row["expect"] == "ok" and (signer, value) != (row["signer"], plain(row["value"])):
        raise Wrong("another statement")


def read_owner(grammar, row):
    data = bytes.fromhex(row["envelope"])
    if len(data) > 512:
        raise Wrong("certificate-form")
    try:
        signer, _, value = statement(grammar, data, "kernelswarm-owner", "owner-certificate")
    except Wrong as error:
        raise Wrong("certificate-signature" if str(error) == "signature" else "certificate-form") from error
    if value["node"] != row["node"]:
        raise Wrong("certificate-node")
    if value["expiresAt"] <= row["now"]:
        raise Wrong("certificate-expired")
    if value["expiresAt"] - row["now"] > (2 * 365 + 1) * DAY_MS:
        raise Wrong("certificate-term")
    if "owner" in row and (signer, value["expiresAt"]) != (row["owner"], row["expiresAt"]):
        raise Wrong("another owner")


def read_program(grammar, row):
    data = bytes.fromhex(row["bytes"])
    value = message(grammar, data, "program")
    if value != plain(row["program"]) or cid_text(name(data, 0x71)) != row["cid"] or row["task"]["program"] != row["cid"]:
        raise Wrong("another program")
    if not grammar.named(plain(row["task"]), "task") or cid_text(name(encoded(plain(row["task"])), 0x71)) != row["taskId"]:
        raise Wrong("another task")


def plain(value):
    """DAG-JSON: bytes stand in it by a map of their own."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"/"}:
        text = value["/"]["bytes"]
        return base64.b64decode(text + "=" * (-len(text) % 4))
    return {key: plain(one) for key, one in value.items()}


READERS = {
    "cbor.json": read_cbor,
    "messages.json": read_message,
    "envelopes.json": read_envelope,
    "statements.json": read_statement,
    "owners.json": read_owner,
    "programs.json": read_program,
}
# Which of the two it is depends on how far a decoder goes on; both are the end.
CANONICAL = ("malformed", "not-canonical")


def came_to(read, grammar, row):
    try:
        read(grammar, row)
        return "ok"
    except Wrong as error:
        return str(error)


def main(page, folder):
    with open(page, encoding="utf-8") as file:
        grammar = Grammar(file.read())
    right, wrong = {}, []
    for file_name, read in READERS.items():
        with open(os.path.join(folder, file_name), encoding="utf-8") as file:
            rows = json.load(file)
        for row in rows:
            expected = row.get("expect", "ok")
            expected = "canonical" if expected in CANONICAL else expected
            came = came_to(read, grammar, row)
            if came == expected:
                right[file_name] = right.get(file_name, 0) + 1
            else:
                wrong.append({"file": file_name, "id": row["id"], "expected": expected, "came": came})
    print(json.dumps({"right": right, "wrong": wrong}))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
