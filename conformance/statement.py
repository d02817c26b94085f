"""Suites, closed forms of small values, statements, streams, heads and batches: docs/format.md sections 0 to 5."""

import hashlib
import re

from curves import ecdsa_p256, ecvrf_verify, sm2_signature
from encoding import (
    MAX_INTEGER,
    Malformed,
    day_number,
    event_day,
    from_base64url,
    from_hex,
    parse_json,
    to_base64url,
)
from hashes import keccak, sm3

MAX_TIME = 253402300799


class Suite:
    def __init__(self, alg, curve, sd_alg, digest, verify):
        self.alg, self.curve, self.sd_alg, self.digest, self.verify = alg, curve, sd_alg, digest, verify


SUITES = {
    "ES256-SHA256-KECCAK": Suite("ES256", "P-256", "sha-256", lambda data: hashlib.sha256(data).digest(), ecdsa_p256),
    "SM2-SM3": Suite("SGD_SM3_SM2", "SM2", "sm3", sm3, sm2_signature),
}


class Defect(Exception):
    """A step that does not pass: its code, and the field if one can be named."""

    def __init__(self, code, field=None):
        super().__init__(code)
        self.code, self.field = code, field


class Unknown(Exception):
    """A step that can be neither passed nor failed."""

    def __init__(self, code):
        super().__init__(code)
        self.code = code


# --- values --------------------------------------------------------------------------------------

_DEPARTMENT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")
_PERSON = re.compile(r"[0-9]{3}:[!-~]{1,64}")
_VCT = re.compile(r"urn:quanlian:([a-z]+)\.([a-z][a-z0-9-]{0,31})/[1-9][0-9]{0,3}")
_FAMILIES = {"approval": 1, "service": 2, "supervision": 3, "enforcement": 4, "credit": 5}


def check(condition):
    if not condition:
        raise Malformed("a value that does not fit")


def members(value, *names):
    """The object has exactly these members; their values in this order."""
    check(isinstance(value, dict) and set(value) == set(names))
    return [value[name] for name in names]


def integer(value, least=0, most=MAX_INTEGER):
    check(type(value) is int and least <= value <= most)
    return value


def year_value(value):
    return integer(value, 1900, 9999)


def department(value):
    check(isinstance(value, str) and _DEPARTMENT.fullmatch(value))
    return value


def subject_value(value):
    kind, name = members(value, "type", "id")
    check(isinstance(name, str))
    check(kind == "uscc" and _DEPARTMENT.fullmatch(name) or kind == "person" and _PERSON.fullmatch(name))
    return value


def key_value(value):
    kty, crv, x, y = members(value, "kty", "crv", "x", "y")
    check(kty == "EC" and crv in ("P-256", "SM2"))
    from_base64url(x, 32)
    from_base64url(y, 32)
    return value


def thumbprint(key, suite):
    text = '{"crv":"%s","kty":"%s","x":"%s","y":"%s"}' % (key["crv"], key["kty"], key["x"], key["y"])
    return suite.digest(text.encode("utf-8"))


# --- statements ----------------------------------------------------------------------------------

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}")


class Statement:
    """What a statement that is in order says."""

    __slots__ = ("department", "signed_at", "kind", "type", "family", "year", "key_id", "fields", "signed", "signature", "hash")


def record_hash(text, suite):
    return suite.digest(text.split("~", 1)[0].encode("utf-8"))


def read_statement(text, suite):
    """The checks of section 2 in their order; a Defect for the first that fails."""
    try:
        return _read_statement(text, suite)
    except Malformed:
        raise Defect("STATEMENT_MALFORMED")


def _read_statement(text, suite):
    # 1. The outer form.
    check(len(text) <= 1048576 and text.endswith("~"))
    jwt, *disclosures = text[:-1].split("~")
    check(len(disclosures) <= 512)
    parts = jwt.split(".")
    check(len(parts) == 3)
    signature = from_base64url(parts[2], 64)
    alg, typ, kid = members(parse_json(from_base64url(parts[0])), "alg", "typ", "kid")
    payload = parse_json(from_base64url(parts[1]))
    iss, iat, vct, year, sd_alg, digests = members(payload, "iss", "iat", "vct", "year", "_sd_alg", "_sd")

    # 2. The suite.
    if alg != suite.alg or sd_alg != suite.sd_alg:
        raise Defect("SUITE_MISMATCH")

    # 3. Every other value, then the order of the digests.
    check(typ == "quanlian-statement+sd-jwt")
    statement = Statement()
    statement.key_id = from_base64url(kid, 32)
    statement.department = department(iss)
    statement.signed_at = integer(iat, 0, MAX_TIME)
    parsed = _VCT.fullmatch(vct) if isinstance(vct, str) else None
    check(parsed and parsed.group(1) in _FAMILIES)
    statement.kind = _FAMILIES[parsed.group(1)]
    statement.type = vct.removeprefix("urn:quanlian:")
    statement.family = parsed.group(1) + "." + parsed.group(2)
    statement.year = year_value(year)
    check(isinstance(digests, list) and len(digests) <= 512)
    for digest in digests:
        from_base64url(digest, 32)
    if any(left >= right for left, right in zip(digests, digests[1:])):
        raise Defect("NOT_CANONICAL")

    # 4. The disclosures.
    statement.fields = {}
    signed, order = set(digests), []
    for disclosure in disclosures:
        triple = parse_json(from_base64url(disclosure))
        check(isinstance(triple, list) and len(triple) == 3)
        salt, name, value = triple
        from_base64url(salt, 16)
        check(isinstance(name, str) and _NAME.fullmatch(name))
        digest = to_base64url(suite.digest(disclosure.encode("ascii")))
        if digest not in signed:
            raise Defect("FIELD_ALTERED", name)
        if name in statement.fields:
            raise Defect("NOT_CANONICAL", name)
        statement.fields[name] = value
        order.append(digest)
    if order != sorted(order):
        raise Defect("NOT_CANONICAL")

    # 5. The two fields whose form is fixed.
    if "subject" in statement.fields:
        _field(statement, "subject", subject_value)
    if "eventTime" in statement.fields:
        _field(statement, "eventTime", event_day)
        if int(statement.fields["eventTime"][:4]) != statement.year:
            raise Defect("YEAR_MISMATCH", "eventTime")

    statement.signed = (parts[0] + "." + parts[1]).encode("ascii")
    statement.signature = signature
    statement.hash = record_hash(text, suite)
    return statement


def _field(statement, name, form):
    try:
        form(statement.fields[name])
    except Malformed:
        raise Defect("STATEMENT_MALFORMED", name)


# --- streams, buckets, heads ---------------------------------------------------------------------


def stream_key(public_key, subject, kind, year, proof):
    name = subject["id"].encode("utf-8")
    subject_type = 1 if subject["type"] == "uscc" else 2
    alpha = b"quanlian/stream/1" + bytes([subject_type, len(name)]) + name + bytes([kind]) + year.to_bytes(2, "big")
    beta = ecvrf_verify(public_key, alpha, proof)
    return None if beta is None else beta[:32]


def bucket(key, prefix_bits):
    return int.from_bytes(key, "big") >> (256 - prefix_bits)


def fold(head, pairs):
    for pair in pairs:
        head = keccak(head + pair)
    return head


# --- batches -------------------------------------------------------------------------------------

EVENT = keccak(b"BatchAnchored(bytes18,uint64,uint8,uint16,uint32,bytes32,bytes32)")
_DOMAIN = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_BATCH = b"Batch(bytes18 department,uint8 kind,uint16 year,uint64 sequence,bytes32 entriesHash)"


def word(number):
    return number.to_bytes(32, "big")


def code_word(code):
    """A department as the contract holds it: bytes18, left-aligned."""
    return code.encode("ascii").ljust(32, b"\x00")


def _node(left, right):
    return keccak(min(left, right) + max(left, right))


def merkle_root(hash_of_record, path):
    node = keccak(hash_of_record)
    for sibling in path:
        node = _node(node, sibling)
    return node


def merkle_tree(hashes):
    """The root, and the path of each record."""
    count = len(hashes)
    nodes = [b""] * (2 * count - 1)
    for i, value in enumerate(hashes):
        nodes[2 * count - 2 - i] = keccak(value)
    for i in range(count - 2, -1, -1):
        nodes[i] = _node(nodes[2 * i + 1], nodes[2 * i + 2])
    paths = []
    for i in range(count):
        at, path = 2 * count - 2 - i, []
        while at:
            path.append(nodes[at - 1 if at % 2 == 0 else at + 1])
            at = (at - 1) // 2
        paths.append(path)
    return nodes[0], paths


def path_length_possible(length, count):
    return length in (count.bit_length() - 1, (count - 1).bit_length())


def batch_digest(chain_id, ledger, code, kind, year, sequence, entries_hash):
    domain = keccak(_DOMAIN) + keccak(b"Quanlian AuditLedger") + keccak(b"1") + word(chain_id) + ledger.rjust(32, b"\x00")
    batch = keccak(_BATCH) + code_word(code) + word(kind) + word(year) + word(sequence) + entries_hash
    return keccak(b"\x19\x01" + keccak(domain) + keccak(batch))


def event_topics(batch):
    return [EVENT, code_word(batch["department"]), word(batch["sequence"])]


def event_data_start(batch):
    """The four words of the event's data that a receipt can be compared with."""
    return word(batch["kind"]) + word(batch["year"]) + word(batch["count"]) + from_hex(batch["root"], 32)


def check_days(value):
    first, last = members(value, "from", "to")
    check(day_number(first) <= day_number(last) and int(last[:4]) - int(first[:4]) < 100)
