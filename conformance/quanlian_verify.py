#!/usr/bin/env python3
"""A second verifier of Quanlian documents, speaking the conformance protocol of docs/format.md section 12.

One JSON request per line on stdin, one JSON answer per line on stdout. Python 3.9 or newer, standard library only.
"""

import base64
import json
import sys

from documents import check_trust
from encoding import Malformed, from_hex, to_hex
from finality import Proven, Refused, validator_changes
from hashes import keccak
from statement import (
    SUITES,
    Defect,
    batch_digest,
    bucket,
    fold,
    merkle_root,
    merkle_tree,
    read_statement,
    record_hash,
    stream_key,
    thumbprint,
)
from verification import Verifier


def op_thumbprint(request, suite):
    return {"thumbprint": to_hex(thumbprint(request["key"], suite))}


def op_record_hash(request, suite):
    return {"recordHash": to_hex(record_hash(request["statement"], suite))}


def op_read_statement(request, suite):
    try:
        statement = read_statement(request["statement"], suite)
    except Defect as defect:
        return {"ok": False, "code": defect.code, "field": defect.field}
    return {"ok": True, "recordHash": to_hex(statement.hash), "fields": statement.fields}


def op_verify_stream(request):
    try:
        public_key, proof = from_hex(request["publicKey"]), from_hex(request["proof"])
    except Malformed:
        return {"streamKey": None}
    key = stream_key(public_key, request["subject"], request["kind"], request["year"], proof)
    return {"streamKey": None if key is None else to_hex(key)}


def op_bucket(request):
    return {"bucket": hex(bucket(from_hex(request["streamKey"], 32), request["prefixBits"]))}


def op_head(request):
    return {"head": to_hex(fold(from_hex(request["from"], 32), [from_hex(pair, 64) for pair in request["pairs"]]))}


def op_merkle_tree(request):
    root, paths = merkle_tree([from_hex(value, 32) for value in request["recordHashes"]])
    return {"root": to_hex(root), "paths": [[to_hex(node) for node in path] for path in paths]}


def op_merkle_root(request):
    path = [from_hex(node, 32) for node in request["path"]]
    return {"root": to_hex(merkle_root(from_hex(request["recordHash"], 32), path))}


def op_entries_hash(request):
    return {"entriesHash": to_hex(keccak(b"".join(from_hex(pair, 64) for pair in request["pairs"])))}


def op_batch_digest(request):
    ledger, entries_hash = from_hex(request["ledger"], 20), from_hex(request["entriesHash"], 32)
    numbers = (request[name] for name in ("department", "kind", "year", "sequence"))
    return {"digest": to_hex(batch_digest(request["chainId"], ledger, *numbers, entries_hash))}


def op_finality_proof(request):
    try:
        proven = Proven(request["proof"], request["qbft"], from_hex(request["ledger"], 20))
    except Refused as refused:
        return {"ok": False, "code": refused.code}
    accounts = []
    for address, words in proven.accounts.items():
        slots = words and [{"slot": to_hex(slot), "word": to_hex(word)} for slot, word in words.items()]
        accounts.append({"address": to_hex(address), "slots": [] if words == {} else slots})
    header = proven.header
    told = {"number": header.number, "hash": to_hex(header.hash), "time": header.time}
    return {"ok": True, **told, "events": proven.events, "accounts": accounts}


def op_validator_changes(request):
    try:
        sets = validator_changes([from_hex(header) for header in request["headers"]], request["qbft"])
    except Refused as refused:
        return {"ok": False, "code": refused.code}
    return {"ok": True, "sets": sets}


def op_verify(request):
    check_trust(request["trust"])
    if "document" in request:
        # Half a surrogate pair becomes bytes that are not UTF-8, which the strict reader refuses.
        data = request["document"].encode("utf-8", "surrogatepass")
    else:
        data = base64.b64decode(request["documentBase64"], validate=True)
    steps = Verifier(request["trust"], request["chain"], request["now"]).verify(data)
    step = steps.deciding()
    if step is None:
        return {"verdict": "valid", "step": None, "code": "OK", "field": None}
    verdict = "invalid" if step.outcome == "failed" else "undecided"
    return {"verdict": verdict, "step": step.name, "code": step.code, "field": step.field}


OPS = {
    "verifyStream": op_verify_stream,
    "bucket": op_bucket,
    "head": op_head,
    "merkleTree": op_merkle_tree,
    "merkleRoot": op_merkle_root,
    "entriesHash": op_entries_hash,
    "batchDigest": op_batch_digest,
    "finalityProof": op_finality_proof,
    "validatorChanges": op_validator_changes,
    "verify": op_verify,
}
SUITE_OPS = {"thumbprint": op_thumbprint, "recordHash": op_record_hash, "readStatement": op_read_statement}


def answer(request):
    op = request["op"]
    if op in OPS:
        return OPS[op](request)
    if op in SUITE_OPS and request["suite"] in SUITES:
        return SUITE_OPS[op](request, SUITES[request["suite"]])
    return {"unsupported": True}


def main():
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        request = json.loads(line)
        try:
            result = answer(request)
        except Exception as error:  # one bad request does not keep the others from being answered
            result = {"error": "%s: %s" % (type(error).__name__, error)}
        print(json.dumps({"id": request["id"], **result}), flush=True)


if __name__ == "__main__":
    main()
