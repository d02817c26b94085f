"""The closed forms of receipts, bundles, certificates, proofs of misconduct and equivocation and trust lists: sections 6 to 9."""

from encoding import Malformed, from_hex, parse_json
from finality import check_shape
from statement import (
    MAX_TIME,
    SUITES,
    Defect,
    Unknown,
    check,
    check_days,
    department,
    integer,
    key_value,
    members,
    subject_value,
    year_value,
)

MAX_BYTES = 67108864


def read_document(data):
    """A document whose form is in order; else what step `document` finds."""
    if len(data) > MAX_BYTES:
        raise Defect("TOO_LARGE")
    try:
        value = parse_json(data)
        check(isinstance(value, dict) and isinstance(value.get("format"), str))
        form = FORMS.get(value["format"])
        if form is None:
            raise Unknown("VERSION_UNKNOWN")
        form(value)
        return value
    except Malformed:
        raise Defect("MALFORMED")


def _text(value):
    check(isinstance(value, str))


def _list(value, least=0, most=None):
    check(isinstance(value, list) and len(value) >= least and (most is None or len(value) <= most))
    return value


def _suite(value):
    check(isinstance(value, str) and value in SUITES)


def _kind(value):
    return integer(value, 1, 5)


def _time(value):
    return integer(value, 0, MAX_TIME)


def _batch(value):
    code, kind, year, sequence, count, root = members(value, "department", "kind", "year", "sequence", "count", "root")
    department(code)
    _kind(kind)
    year_value(year)
    integer(sequence, 1)
    integer(count, 1, 2**32 - 1)
    from_hex(root, 32)


def _path(value):
    for sibling in _list(value, 0, 32):
        from_hex(sibling, 32)


def _chain_id(chain_id, genesis, ledger):
    integer(chain_id, 1)
    from_hex(genesis, 32)
    from_hex(ledger, 20)


def _block(number, block_hash, time):
    integer(number)
    from_hex(block_hash, 32)
    _time(time)


def _anchor(value):
    names = "chainId genesisHash ledger blockNumber blockHash blockTime transactionHash logIndex".split()
    chain_id, genesis, ledger, number, block_hash, time, transaction, log_index = members(value, *names)
    _chain_id(chain_id, genesis, ledger)
    _block(number, block_hash, time)
    from_hex(transaction, 32)
    integer(log_index)


def _receipt(value):
    names = "format suite statement statementKey batch path anchor finality".split()
    form, suite, statement, key, batch, path, anchor, finality = members(value, *names)
    check(form == "quanlian-receipt/1")
    _suite(suite)
    _text(statement)
    key_value(key)
    _batch(batch)
    _path(path)
    _anchor(anchor)
    _finality(finality)


def _finality(value):
    if value is not None:
        check_shape(value)


def _bundle(value):
    _, suite, keys, anchors, receipts = members(value, "format", "suite", "keys", "anchors", "receipts")
    _suite(suite)
    for key in _list(keys, 0, 100000):
        key_value(key)
    for entry in _list(anchors, 0, 100000):
        batch, anchor, finality = members(entry, "batch", "anchor", "finality")
        _batch(batch)
        _anchor(anchor)
        _finality(finality)
    for receipt in _list(receipts, 1, 100000):
        statement, key, anchor, path = members(receipt, "statement", "key", "anchor", "path")
        _text(statement)
        integer(key, 0, len(keys) - 1)
        integer(anchor, 0, len(anchors) - 1)
        _path(path)


def _certificate(value):
    names = "format suite purpose subject kinds scope period issuedAt chains".split()
    form, suite, purpose, subject, kinds, scope, period, issued_at, chains = members(value, *names)
    check(form == "quanlian-certificate/1")
    _suite(suite)
    check(purpose in ("history", "clean-record", "record"))
    subject_value(subject)
    for kind in _list(kinds):
        _kind(kind)
    _ascending(kinds)
    if purpose == "record":
        check(kinds == [] and period is None)
    else:
        check(kinds)
        check_days(period)
    if purpose == "clean-record":
        check(set(kinds) <= {4, 5})
    if scope is not None:
        check(purpose == "clean-record")
        (departments,) = members(scope, "departments")
        for code in _list(departments, 1, 1000):
            department(code)
        _ascending(departments)
    integer(issued_at)
    for part in _list(chains, 1, 100):
        _part(part)
        if purpose == "record":
            check(part["streams"] == [] and part["records"])
    _ascending([(part["chainId"], part["genesisHash"], part["ledger"]) for part in chains])


def _ascending(values):
    check(all(left < right for left, right in zip(values, values[1:])))


def _part(value):
    names = "chainId genesisHash ledger blockNumber blockHash blockTime streams records supersessions finality".split()
    chain_id, genesis, ledger, number, block_hash, time, streams, records, supersessions, finality = members(value, *names)
    _chain_id(chain_id, genesis, ledger)
    _block(number, block_hash, time)
    for stream in _list(streams, 0, 1000):
        kind, year, proof, pairs = members(stream, "kind", "year", "proof", "pairs")
        _kind(kind)
        year_value(year)
        from_hex(proof, 80)
        for pair in _list(pairs):
            from_hex(pair, 64)
    for record in _list(records, 0, 100000):
        statement, key, batch, path = members(record, "statement", "statementKey", "batch", "path")
        _text(statement)
        key_value(key)
        _batch(batch)
        _path(path)
    for row in _list(supersessions, 0, 100000):
        code, record, successor, by, reason, at = members(
            row, "department", "recordHash", "successor", "by", "reason", "at"
        )
        department(code)
        from_hex(record, 32)
        from_hex(successor, 32)
        department(by)
        integer(reason, 1, 4)
        _time(at)
    _finality(finality)


def _misconduct(value):
    _, receipt, certificate = members(value, "format", "receipt", "certificate")
    _receipt(receipt)
    _certificate(certificate)


def _equivocation(value):
    names = "format suite chainId genesisHash ledger statementKey statements".split()
    _, suite, chain_id, genesis, ledger, key, statements = members(value, *names)
    _suite(suite)
    _chain_id(chain_id, genesis, ledger)
    key_value(key)
    for statement in _list(statements, 2, 2):
        _text(statement)


FORMS = {
    "quanlian-receipt/1": _receipt,
    "quanlian-bundle/1": _bundle,
    "quanlian-certificate/1": _certificate,
    "quanlian-misconduct/1": _misconduct,
    "quanlian-equivocation/1": _equivocation,
}


def _seals(value, entry):
    """Who seals a chain's blocks (section 8; docs/finality.md section 2)."""
    epoch, sets, pins = members(value, "epochLength", "sets", "pins")
    integer(epoch, 1)
    before = -1
    for row in _list(sets, 0, 10000):
        first, last, validators = members(row, "from", "until", "validators")
        check(integer(first) > before)
        check(last is None or integer(last) >= first)
        check(len({from_hex(one, 20) for one in _list(validators, 1, 1024)}) == len(validators))
        before = 2**53 if last is None else last
    numbers = []
    for pin in _list(pins, 0, 10000):
        number, block_hash = members(pin, "number", "hash")
        numbers.append(integer(number))
        from_hex(block_hash, 32)
        check(number != 0 or block_hash == entry["genesisHash"])
    check(len(set(numbers)) == len(numbers))


def check_trust(value):
    """The form of a trust list (section 8)."""
    form, name, issued_at, chains = members(value, "format", "name", "issuedAt", "chains")
    check(form == "quanlian-trust/1")
    _text(name)
    check(len(name) <= 200)
    integer(issued_at)
    for entry in _list(chains, 0, 1000):
        check(isinstance(entry, dict))
        for node in _list(entry.get("nodes", []), 0, 20):
            check(isinstance(node, str) and node.startswith(("http://", "https://")))
        for ledger_before in _list(entry.get("predecessors", []), 0, 16):
            from_hex(ledger_before, 20)
        if "qbft" in entry:
            _seals(entry["qbft"], entry)
        optional = ("nodes", "qbft", "predecessors")
        required = {key: item for key, item in entry.items() if key not in optional}
        names = "region chainId genesisHash ledger registry prefixBits vrfKeys finality".split()
        region, chain_id, genesis, ledger, registry, prefix_bits, vrf_keys, finality = members(required, *names)
        for text in members(region, "zh", "en"):
            _text(text)
            check(len(text) <= 100)
        _chain_id(chain_id, genesis, ledger)
        from_hex(registry, 20)
        integer(prefix_bits, 0, 256)
        years = []
        for row in _list(vrf_keys, 1, 200):
            from_year, key = members(row, "fromYear", "key")
            years.append(integer(from_year, 0, 9999))
            from_hex(key, 32)
        _ascending(years)
        rule, confirmations = members(finality, "rule", "confirmations")
        check(rule in ("immediate", "tag", "confirmations", "snapshot"))
        integer(confirmations, 0, 1000000)
    _check_shared([entry for entry in chains if "qbft" in entry])


def _check_shared(entries):
    """Entries of one chain agree on who seals it; nobody seals two chains."""
    seals, owner = {}, {}
    for entry in entries:
        place = (entry["chainId"], entry["genesisHash"])
        check(seals.setdefault(place, entry["qbft"]) == entry["qbft"])
        for row in entry["qbft"]["sets"]:
            for validator in row["validators"]:
                check(owner.setdefault(validator, place) == place)
