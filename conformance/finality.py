"""Finality and state proofs: docs/finality.md. RLP, headers and seals of QBFT, Merkle-Patricia tries, events, storage."""

from curves import secp256k1_signer
from encoding import MAX_INTEGER, Malformed, from_hex, to_hex
from hashes import keccak

MAX_VALIDATORS = 1024
EVENT = b"BatchAnchored(bytes18,uint64,uint8,uint16,uint32,bytes32,bytes32)"
EMPTY_TRIE = keccak(b"\x80")
LIST_UNKNOWN = ("VALIDATORS_UNKNOWN", "VALIDATORS_MISMATCH")


class Refused(Exception):
    def __init__(self, code):
        super().__init__(code)
        self.code = code


class Unproven(Exception):
    """The proof does not hold a slot that is needed."""


# --- RLP -----------------------------------------------------------------------------------------


class _NotCanonical(Exception):
    pass


def _head(data, at):
    """Whether the item at this place is a list, where its payload begins, and where it ends."""
    if at >= len(data):
        raise _NotCanonical()
    first = data[at]
    if first < 0x80:
        return False, at, at + 1
    is_list = first >= 0xC0
    short = first - (0xC0 if is_list else 0x80)
    if short <= 55:
        start, size = at + 1, short
        if not is_list and size == 1 and data[start : start + 1] < b"\x80":
            raise _NotCanonical()
    else:
        width = short - 55
        start = at + 1 + width
        digits = data[at + 1 : start]
        size = int.from_bytes(digits, "big")
        if len(digits) < width or digits[0] == 0 or size <= 55:
            raise _NotCanonical()
    if start + size > len(data):
        raise _NotCanonical()
    return is_list, start, start + size


def open_item(data):
    """The one item that these bytes are: bytes, or for a list the encodings of its items, unopened."""
    is_list, start, end = _head(data, 0)
    if end != len(data):
        raise _NotCanonical()
    if not is_list:
        return data[start:end]
    items = []
    while start < end:
        _, _, after = _head(data, start)
        if after > end:
            raise _NotCanonical()
        items.append(data[start:after])
        start = after
    return items


def _opened(data, kind, code):
    try:
        item = open_item(data)
    except _NotCanonical:
        raise Refused(code)
    if not isinstance(item, kind):
        raise Refused(code)
    return item


def encode(item):
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < 0x80:
            return item
        return _prefix(0x80, len(item)) + item
    body = b"".join(item)
    return _prefix(0xC0, len(body)) + body


def _prefix(base, size):
    if size <= 55:
        return bytes([base + size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(digits)]) + digits


def _integer(data, code):
    digits = _opened(data, bytes, code)
    if digits[:1] == b"\x00":
        raise Refused(code)
    return int.from_bytes(digits, "big")


def _small(data, code):
    value = _integer(data, code)
    if value > MAX_INTEGER:
        raise Refused(code)
    return value


def _fixed(data, size, code):
    value = _opened(data, bytes, code)
    if len(value) != size:
        raise Refused(code)
    return value


def encode_integer(value):
    return encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


# --- headers -------------------------------------------------------------------------------------


class Header:
    """A header as it is written down, and what it says of itself."""

    def __init__(self, raw):
        code = "HEADER_MALFORMED"
        self.raw = raw
        self.items = _opened(raw, list, code)
        if not 16 <= len(self.items) <= 64:
            raise Refused(code)
        sizes = {0: 32, 1: 32, 2: 20, 3: 32, 4: 32, 5: 32, 6: 256, 13: 32, 14: 8}
        values = {at: _fixed(self.items[at], size, code) for at, size in sizes.items()}
        numbers = {at: _integer(self.items[at], code) for at in (7, 8, 9, 10, 11, 15)}
        if numbers[8] > MAX_INTEGER or numbers[11] > MAX_INTEGER:
            raise Refused(code)
        extra = _opened(self.items[12], bytes, code)
        self.parent, self.miner, self.state_root, self.receipts_root = values[0], values[2], values[3], values[5]
        self.number, self.time = numbers[8], numbers[11]
        if self.number == 0:
            self.validators, self.vote, self.seals, self.hash = None, None, [], keccak(raw)
            return
        self._read_extra(extra)
        self.hash = keccak(self._with_extra(0))
        self.sealed_hash = keccak(self._with_extra(self.round))

    def _read_extra(self, extra):
        code = "EXTRA_DATA_MALFORMED"
        items = _opened(extra, list, code)
        if len(items) != 5:
            raise Refused(code)
        _fixed(items[0], 32, code)
        self.validators = [_fixed(item, 20, code) for item in _opened(items[1], list, code)]
        seals = _opened(items[4], list, code)
        if len(self.validators) > MAX_VALIDATORS or len(seals) > MAX_VALIDATORS:
            raise Refused(code)
        self.vote = self._read_vote(_opened(items[2], list, code))
        self.round = _small(items[3], code)
        self.seals = [_fixed(item, 65, code) for item in seals]
        self.extra_head = items[:3]

    @staticmethod
    def _read_vote(items):
        code = "EXTRA_DATA_MALFORMED"
        if not items:
            return None
        if len(items) != 2:
            raise Refused(code)
        recipient, choice = _fixed(items[0], 20, code), _opened(items[1], bytes, code)
        if choice not in (b"", b"\xff"):
            raise Refused(code)
        return recipient, choice == b"\xff"

    def _with_extra(self, round_number):
        extra = encode(self.extra_head + [encode_integer(round_number), encode([])])
        return encode(self.items[:12] + [encode(extra)] + self.items[13:])


def _addresses(texts):
    return [from_hex(text, 20) for text in texts]


def set_at(sets, number):
    for row in sets:
        if row["from"] <= number and (row["until"] is None or number <= row["until"]):
            return row
    return None


def check_seals(header, members):
    """Refuses a header that these validators did not seal as section 2 demands."""
    if header.validators is None or sorted(header.validators) != sorted(members):
        raise Refused("VALIDATORS_MISMATCH")
    if len(header.seals) > len(members):
        raise Refused("SEAL_DUPLICATE")
    seen = set()
    for seal in header.seals:
        key = secp256k1_signer(header.sealed_hash, seal)
        if key is None:
            raise Refused("SEAL_MALFORMED")
        signer = keccak(key)[12:]
        if signer not in members:
            raise Refused("SEAL_NOT_VALIDATOR")
        if signer in seen:
            raise Refused("SEAL_DUPLICATE")
        seen.add(signer)
    if 3 * len(seen) < 2 * len(members):
        raise Refused("SEALS_BELOW_QUORUM")


def final_header(raw, qbft):
    header = Header(raw)
    for pin in qbft["pins"]:
        if pin["number"] == header.number:
            if from_hex(pin["hash"], 32) != header.hash:
                raise Refused("BLOCK_CONTRADICTS_PIN")
            return header
    row = set_at(qbft["sets"], header.number)
    if row is None:
        raise Refused("VALIDATORS_UNKNOWN")
    check_seals(header, _addresses(row["validators"]))
    return header


# --- tries ---------------------------------------------------------------------------------------


class Nodes:
    """The proof's nodes: each is read when a hash is met that none read before has."""

    def __init__(self, nodes):
        self.nodes, self.next, self.known = nodes, 0, {}

    def take(self, wanted):
        if wanted in self.known:
            return self.known[wanted]
        if self.next == len(self.nodes):
            raise Refused("TRIE_PROOF_TRUNCATED")
        node = self.nodes[self.next]
        if keccak(node) != wanted:
            raise Refused("TRIE_HASH_MISMATCH")
        self.next += 1
        self.known[wanted] = node
        return node

    def check_all_read(self):
        if self.next < len(self.nodes):
            raise Refused("TRIE_PROOF_OVERLONG")


def _nibbles(data):
    return [half for byte in data for half in (byte >> 4, byte & 15)]


def read_trie(root, key, nodes):
    """The value under the key, None when there is none."""
    code = "TRIE_NODE_MALFORMED"
    if root == EMPTY_TRIE:
        return None
    path = _nibbles(key)
    node = nodes.take(root)
    while True:
        items = _opened(node, list, code)
        if len(items) == 17:
            _check_branch(items)
            if not path:
                return _opened(items[16], bytes, code) or None
            child, path = items[path[0]], path[1:]
        elif len(items) == 2:
            steps, is_leaf = _hex_prefix(_opened(items[0], bytes, code))
            if is_leaf:
                value = _opened(items[1], bytes, code)
                if not value:
                    raise Refused(code)
                return value if steps == path else None
            if not steps:
                raise Refused(code)
            child = items[1]
            if _child(child) is None:
                raise Refused(code)
            if path[: len(steps)] != steps:
                return None
            path = path[len(steps) :]
        else:
            raise Refused(code)
        target = _child(child)
        if target is None:
            return None
        if isinstance(target, bytes):
            node = nodes.take(target)
            if len(node) < 32:
                raise Refused(code)
        else:
            node = child


def _child(encoded):
    """None for no child, a hash, or [] for a node that stands here itself."""
    code = "TRIE_NODE_MALFORMED"
    try:
        item = open_item(encoded)
    except _NotCanonical:
        raise Refused(code)
    if isinstance(item, list):
        if len(encoded) >= 32:
            raise Refused(code)
        return []
    if item == b"":
        return None
    if len(item) != 32:
        raise Refused(code)
    return item


def _check_branch(items):
    for item in items[:16]:
        _child(item)
    _opened(items[16], bytes, "TRIE_NODE_MALFORMED")


def _hex_prefix(data):
    halves = _nibbles(data)
    if not halves or halves[0] > 3 or (halves[0] % 2 == 0 and halves[1] != 0):
        raise Refused("TRIE_NODE_MALFORMED")
    return halves[1 if halves[0] % 2 else 2 :], halves[0] >= 2


# --- receipts and events -------------------------------------------------------------------------


def receipt_logs(receipts_root, index, nodes):
    raw = read_trie(receipts_root, encode_integer(index), nodes)
    if raw is None:
        raise Refused("RECEIPT_NOT_IN_BLOCK")
    code = "RECEIPT_MALFORMED"
    if raw[0] < 0xC0:
        if raw[0] not in (1, 2, 3, 4):
            raise Refused("RECEIPT_TYPE_UNKNOWN")
        raw = raw[1:]
    items = _opened(raw, list, code)
    if len(items) != 4:
        raise Refused(code)
    status = _integer(items[0], code)
    _integer(items[1], code)
    _fixed(items[2], 256, code)
    logs = []
    for item in _opened(items[3], list, code):
        parts = _opened(item, list, code)
        if len(parts) != 3:
            raise Refused(code)
        topics = [_fixed(topic, 32, code) for topic in _opened(parts[1], list, code)]
        if len(topics) > 4:
            raise Refused(code)
        logs.append((_fixed(parts[0], 20, code), topics, _opened(parts[2], bytes, code)))
    if status > 1:
        raise Refused(code)
    if status == 0:
        raise Refused("TRANSACTION_FAILED")
    return logs


def events_of(logs, ledger):
    own = [log for log in logs if log[0] == ledger and log[1][:1] == [keccak(EVENT)]]
    if not own:
        raise Refused("EVENT_NOT_FOUND")
    return [_event(topics, data) for _, topics, data in own]


def _event(topics, data):
    if len(topics) != 3 or len(data) != 160:
        raise Refused("EVENT_MALFORMED")
    words = [data[i : i + 32] for i in range(0, 160, 32)]
    code = topics[1][:18]
    if not all(48 <= byte <= 57 or 65 <= byte <= 90 for byte in code) or any(topics[1][18:]):
        raise Refused("EVENT_MALFORMED")
    numbers = []
    for word, bits in ((topics[2], 64), (words[0], 8), (words[1], 16), (words[2], 32)):
        value = int.from_bytes(word, "big")
        if value >= 2**bits or value > MAX_INTEGER:
            raise Refused("EVENT_MALFORMED")
        numbers.append(value)
    sequence, kind, year, count = numbers
    return {
        "department": code.decode("ascii"),
        "sequence": sequence,
        "kind": kind,
        "year": year,
        "count": count,
        "root": to_hex(words[3]),
        "entriesHash": to_hex(words[4]),
    }


# --- proofs --------------------------------------------------------------------------------------


class Proven:
    """What a good proof proves: its header, events, and for each address the words by slot, None for no such account."""

    def __init__(self, proof, qbft, ledger):
        try:
            asked = check_proof(proof)
        except Malformed:
            raise Refused("PROOF_MALFORMED")
        self.header = final_header(from_hex(proof["header"]), qbft)
        nodes = Nodes([from_hex(node) for node in proof["nodes"]])
        self.events = []
        for index in proof["transactions"]:
            self.events += events_of(receipt_logs(self.header.receipts_root, index, nodes), ledger)
        self.accounts = {}
        for address, slots in asked:
            self.accounts[address] = self._account(address, slots, nodes)
        nodes.check_all_read()

    def _account(self, address, slots, nodes):
        raw = read_trie(self.header.state_root, keccak(address), nodes)
        if raw is None:
            return None
        code = "ACCOUNT_MALFORMED"
        items = _opened(raw, list, code)
        if len(items) != 4:
            raise Refused(code)
        _integer(items[0], code)
        _integer(items[1], code)
        _fixed(items[3], 32, code)
        root = _fixed(items[2], 32, code)
        return {slot: self._word(root, slot, nodes) for slot in slots}

    @staticmethod
    def _word(root, slot, nodes):
        code = "STORAGE_VALUE_MALFORMED"
        raw = read_trie(root, keccak(slot), nodes)
        if raw is None:
            return bytes(32)
        digits = _opened(raw, bytes, code)
        if not 1 <= len(digits) <= 32 or digits[0] == 0:
            raise Refused(code)
        return digits.rjust(32, b"\x00")

    def word(self, address, slot):
        account = self.accounts.get(address)
        if account is None or slot not in account:
            raise Unproven()
        return account[slot]


def check_shape(proof):
    """The form of a proof in a document (docs/format.md section 9)."""
    if not isinstance(proof, dict) or set(proof) != {"kind", "header", "transactions", "accounts", "nodes"}:
        raise Malformed("not a finality proof")
    fits = proof["kind"] == "qbft"
    from_hex(proof["header"])
    for name, most in (("transactions", 1000), ("accounts", 100), ("nodes", 100000)):
        fits = fits and isinstance(proof[name], list) and len(proof[name]) <= most
    if not fits:
        raise Malformed("not a finality proof")
    for index in proof["transactions"]:
        if type(index) is not int or not 0 <= index <= MAX_INTEGER:
            raise Malformed("not a position")
    for node in proof["nodes"]:
        from_hex(node)
    asked = []
    for account in proof["accounts"]:
        if not isinstance(account, dict) or set(account) != {"address", "slots"}:
            raise Malformed("not an account")
        if not isinstance(account["slots"], list) or len(account["slots"]) > 10000:
            raise Malformed("not slots")
        asked.append((from_hex(account["address"], 20), [from_hex(slot, 32) for slot in account["slots"]]))
    return asked


def check_proof(proof):
    asked = check_shape(proof)
    for values in [proof["transactions"], [address for address, _ in asked]] + [slots for _, slots in asked]:
        if len(set(values)) < len(values):
            raise Malformed("asked for twice")
    return asked


# --- changes of the validators -------------------------------------------------------------------


def validator_changes(raw_headers, qbft):
    """The sets extended by what a run of headers proves (decision 7)."""
    run = []
    for raw in raw_headers:
        header = Header(raw)
        if run and (header.number != run[-1].number + 1 or header.parent != run[-1].hash):
            raise Refused("HEADERS_NOT_LINKED")
        run.append(header)
    start = run[0].number if run else 0
    initial = set_at(qbft["sets"], start)
    if initial is None:
        raise Refused("VALIDATORS_UNKNOWN")
    members, votes = _addresses(initial["validators"]), {}
    sets, changed = [dict(row) for row in qbft["sets"]], False
    for header in run:
        if header.validators is None or sorted(header.validators) != sorted(members):
            raise Refused("VALIDATORS_MISMATCH")
        known = set_at(sets, header.number)
        if known is None or sorted(_addresses(known["validators"])) != sorted(members):
            raise Refused("VALIDATORS_FORKED")
        changed = False
        if header.number % qbft["epochLength"] == 0:
            votes = {}
            continue
        following = _count(header, members, votes)
        if following is None:
            continue
        changed = True
        check_seals(header, members)
        members = following
        sets = _extended(sets, header.number, members)
        votes = {choice: {voter for voter in voters if voter in members} for choice, voters in votes.items()}
    if not changed:
        raise Refused("CHANGE_NOT_VOTED")
    return sets


def _count(header, members, votes):
    """The next set when this block's vote completes a majority for a change."""
    if header.vote is None or header.miner not in members:
        return None
    recipient, add = header.vote
    votes.setdefault((recipient, not add), set()).discard(header.miner)
    supporters = votes.setdefault((recipient, add), set())
    supporters.add(header.miner)
    if 2 * len(supporters) <= len(members):
        return None
    votes.pop((recipient, True), None)
    votes.pop((recipient, False), None)
    if (recipient in members) == add:
        return None
    following = sorted(members + [recipient]) if add else [one for one in members if one != recipient]
    return following or None


def _extended(sets, number, members):
    last = sets[-1]
    if last["until"] is None and last["from"] <= number:
        last["until"] = number
        return sets + [{"from": number + 1, "until": None, "validators": [to_hex(one) for one in members]}]
    for row in sets:
        if row["from"] == number + 1 and sorted(_addresses(row["validators"])) == sorted(members):
            return sets
    raise Refused("VALIDATORS_FORKED")


# --- what a proof says in the place of a node (docs/format.md section 9) ---------------------------


def _mapped(slot, *keys):
    place = slot.to_bytes(32, "big")
    for key in keys:
        place = keccak(key + place)
    return place


def _plus(place, steps):
    return ((int.from_bytes(place, "big") + steps) % 2**256).to_bytes(32, "big")


def _right(number):
    return number.to_bytes(32, "big")


def _left(department):
    return department.encode("ascii").ljust(32, b"\x00")


def _number(word, size, offset):
    return int.from_bytes(word[32 - offset - size : 32 - offset], "big")


SUCCESSOR = _right(3)


class ProvenChain:
    """The chain as of one proven block; raises Unproven where the proof does not reach."""

    def __init__(self, proven, entry):
        self.proven = proven
        self.ledger = from_hex(entry["ledger"], 20)
        self.registry = from_hex(entry["registry"], 20)
        self.lineage = [self.ledger] + _addresses(entry.get("predecessors", []))
        self.number, self.time = proven.header.number, proven.header.time

    def _written(self, ledgers, place, words=1):
        for ledger in ledgers:
            if any(self.proven.word(ledger, place)):
                return [self.proven.word(ledger, _plus(place, i)) for i in range(words)]
        return None

    def batch(self, department, sequence):
        for event in self.proven.events:
            if (event["department"], event["sequence"]) == (department, sequence):
                return {**event, "anchoredAt": self.time}
        found = self._written(self.lineage, _mapped(5, _left(department), _right(sequence)), 2)
        if found is None:
            return None
        places = {"kind": (1, 0), "year": (2, 1), "count": (4, 3), "anchoredAt": (8, 7)}
        numbers = {name: _number(found[1], *place) for name, place in places.items()}
        return {"root": to_hex(found[0]), **numbers}

    def head(self, kind, year, number, block):
        found = self._written(self.lineage, _mapped(6, _right(kind), _right(year), _right(number)))
        return found[0] if found else bytes(32)

    def _heir(self, ledger):
        heir = self.proven.word(ledger, SUCCESSOR)[12:]
        return heir if any(heir) else None

    def supersession(self, department, record_hash):
        heirs, heir = [], self._heir(self.ledger)
        while heir is not None:
            if len(heirs) == 16:
                raise Unproven()
            heirs.insert(0, heir)
            heir = self._heir(heir)
        place = _mapped(7, _left(department), from_hex(record_hash, 32))
        found = self._written(heirs + self.lineage, place, 2)
        if found is None:
            return None
        return {
            "successor": to_hex(found[0]),
            "by": found[1][14:].decode("latin-1"),
            "reason": _number(found[1], 1, 18),
            "at": _number(found[1], 8, 19),
        }

    @property
    def retired(self):
        return None if self._heir(self.ledger) is None else {"block": self.number}

    def final_block(self):
        return {"number": self.number, "time": self.time}

    def authorised(self, department, kind, key, time):
        history = _mapped(1, _left(department))
        state = None
        for i in range(_number(self.proven.word(self.registry, history), 8, 0) - 1, -1, -1):
            entry = self.proven.word(self.registry, _plus(keccak(history), i))
            if _number(entry, 8, 0) <= time:
                state = entry
                break
        life = self.proven.word(self.registry, _mapped(2, _left(department), from_hex(key, 32)))
        since, until = _number(life, 8, 0), _number(life, 8, 8)
        holds = state is not None and _number(state, 2, 8) >> kind & 1 and _number(state, 1, 10) == 0
        good = since != 0 and since <= time and (until == 0 or time < until)
        return bool(time <= self.time and holds and good)

    def vrf_key(self, year):
        """The registry's VRF key of a year, None where the proof does not hold it."""
        try:
            for i in range(int.from_bytes(self.proven.word(self.registry, _right(3)), "big") - 1, -1, -1):
                place = _plus(keccak(_right(3)), 2 * i)
                key, first = self.proven.word(self.registry, place), self.proven.word(self.registry, _plus(place, 1))
                if i == 0 or _number(first, 2, 0) <= year:
                    return key
        except Unproven:
            pass
        return None
