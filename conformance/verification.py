"""The steps of section 10 and the recorded chain of section 12."""

from documents import read_document
from encoding import day_number, day_of_time, event_day, first_day_of_year, from_base64url, from_hex, to_hex
from finality import LIST_UNKNOWN, Proven, ProvenChain, Refused, Unproven
from statement import (
    SUITES,
    Defect,
    Unknown,
    bucket,
    event_data_start,
    event_topics,
    fold,
    merkle_root,
    path_length_possible,
    read_statement,
    stream_key,
    thumbprint,
)

CLOCK_TOLERANCE = 900
NEGATIVE_LISTING = "credit.listing"


class Step:
    def __init__(self, name, outcome="passed", code="OK", field=None):
        self.name, self.outcome, self.code, self.field = name, outcome, code, field


class Steps(list):
    def take(self, name, action):
        """Adds a step; the action's answer when it passed, else None."""
        try:
            answer = action()
        except Defect as defect:
            self.append(Step(name, "failed", defect.code, defect.field))
            return None
        except Unknown as unknown:
            self.append(Step(name, "unknown", unknown.code))
            return None
        except Unproven:
            self.append(Step(name, "unknown", "STATE_UNAVAILABLE"))
            return None
        self.append(Step(name))
        return True if answer is None else answer

    def skip(self, *names, code="NOT_CHECKED"):
        self.extend(Step(name, "unknown", code) for name in names)

    def passed(self, *names):
        return all(step.outcome == "passed" for step in self if not names or step.name in names)

    def deciding(self):
        for outcome in ("failed", "unknown"):
            for step in self:
                if step.outcome == outcome:
                    return step
        return None

    def copy_of(self, name, step):
        self.append(Step(name) if step is None else Step(name, step.outcome, step.code, step.field))


class RecordedChain:
    """Stands in for a node."""

    def __init__(self, record):
        self.record = record
        self.chain_id = record["chainId"]
        self.retired = record["retired"]

    def _first(self, table, **wanted):
        for row in self.record[table]:
            if all(row[name] == value for name, value in wanted.items()):
                return row
        return None

    def block(self, number):
        return self._first("blocks", number=number)

    def final_block(self):
        block = self.block(self.record["finalBlock"])
        if block is None:
            raise Unknown("CHAIN_UNREACHABLE")
        return block

    def transaction(self, transaction_hash):
        return self._first("transactions", hash=transaction_hash)

    def batch(self, department, sequence):
        return self._first("batches", department=department, sequence=sequence)

    def supersession(self, department, record_hash):
        return self._first("supersessions", department=department, recordHash=record_hash)

    def authorised(self, department, kind, key, time):
        return any(
            row["department"] == department
            and kind in row["kinds"]
            and row["thumbprint"] == key
            and row["from"] <= time
            and (row["until"] is None or time < row["until"])
            for row in self.record["keys"]
        )

    def head(self, kind, year, number, block):
        if block < self.record["stateFrom"]:
            raise Unknown("STATE_UNAVAILABLE")
        head = b"\x00" * 32
        for row in self.record["heads"]:
            if (row["kind"], row["year"], int(row["bucket"], 16)) == (kind, year, number) and row["block"] <= block:
                head = from_hex(row["head"], 32)
        return head


class Verifier:
    def __init__(self, trust, chain, now):
        self.trust = trust
        self.node = None if chain is None else RecordedChain(chain)
        # What is asked: the node, or in its place what a document's own proof proves.
        self.chain = self.node
        self.now = now

    def verify(self, data):
        steps = Steps()
        document = steps.take("document", lambda: read_document(data))
        if document:
            family = document["format"].split("/")[0]
            actions = {
                "quanlian-receipt": self._receipt,
                "quanlian-bundle": self._bundle,
                "quanlian-certificate": self._certificate,
                "quanlian-misconduct": self._misconduct,
                "quanlian-equivocation": self._equivocation,
            }
            actions[family](steps, document)
        return steps

    # --- what receipts and certificates have in common -------------------------------------------

    def _trusted(self, place):
        for entry in self.trust["chains"]:
            if all(entry[name] == place[name] for name in ("chainId", "genesisHash", "ledger")):
                return entry
        raise Unknown("CHAIN_NOT_TRUSTED")

    def _chain_is_right(self, place):
        genesis = self.chain.block(0)
        if self.chain.chain_id != place["chainId"] or genesis is None or genesis["hash"] != place["genesisHash"]:
            raise Unknown("WRONG_CHAIN")

    def _block_is_final(self, place):
        if place["blockNumber"] > self.chain.final_block()["number"]:
            raise Unknown("NOT_FINAL")
        block = self.chain.block(place["blockNumber"])
        if block is None or (block["hash"], block["time"]) != (place["blockHash"], place["blockTime"]):
            raise Defect("BLOCK_MISMATCH")

    def _judged(self, finality, trusted):
        """Whether the document's own proof decides: it has one, and the list names the chain's validators."""
        return bool(trusted and finality is not None and "qbft" in trusted)

    def _prove(self, steps, place, finality, trusted, later=False):
        """Steps `chain` and `finality` by the document's own proof; the chain as it proves it, or None."""
        try:
            proven = Proven(finality, trusted["qbft"], from_hex(trusted["ledger"], 20))
        except Refused as refused:
            if refused.code in LIST_UNKNOWN:
                steps.skip("chain", code="VALIDATORS_UNKNOWN")
                steps.skip("finality")
            else:
                steps.skip("chain")
                steps.append(Step("finality", "failed", "FINALITY_PROOF_INVALID"))
            return None
        steps.append(Step("chain"))
        header = proven.header
        same = (header.number, to_hex(header.hash), header.time) == tuple(
            place[name] for name in ("blockNumber", "blockHash", "blockTime")
        )
        if not same and not (later and header.number > place["blockNumber"]):
            steps.append(Step("finality", "failed", "BLOCK_MISMATCH"))
            return None
        steps.append(Step("finality"))
        return ProvenChain(proven, trusted)

    def _reach(self, steps, place, trusted):
        """Steps `chain` and `finality`; the code of what needs the node after them, None when it can be asked."""
        if not trusted:
            steps.skip("chain", "finality")
            return "NOT_CHECKED"
        if self.chain is None:
            steps.skip("chain", "finality", code="CHAIN_NOT_CONSULTED")
            return "CHAIN_NOT_CONSULTED"
        if not steps.take("chain", lambda: self._chain_is_right(place)):
            steps.skip("finality")
            return "NOT_CHECKED"
        return None if steps.take("finality", lambda: self._block_is_final(place)) else "NOT_CHECKED"

    @staticmethod
    def _signature(statement, key, suite):
        if key["crv"] != suite.curve:
            raise Defect("SUITE_MISMATCH")
        if thumbprint(key, suite) != statement.key_id:
            raise Defect("KEY_MISMATCH")
        x, y = from_base64url(key["x"]), from_base64url(key["y"])
        if not suite.verify(x, y, statement.signed, statement.signature):
            raise Defect("SIGNATURE_INVALID")

    @staticmethod
    def _in_batch(statement, batch, path):
        if statement.department != batch["department"]:
            raise Defect("DEPARTMENT_MISMATCH")
        if statement.kind != batch["kind"]:
            raise Defect("KIND_MISMATCH")
        if statement.year != batch["year"]:
            raise Defect("YEAR_MISMATCH")
        siblings = [from_hex(sibling) for sibling in path]
        if not path_length_possible(len(path), batch["count"]):
            raise Defect("NOT_IN_BATCH")
        if to_hex(merkle_root(statement.hash, siblings)) != batch["root"]:
            raise Defect("NOT_IN_BATCH")

    def _clocks(self, statement, block_time):
        if "eventTime" in statement.fields:
            event = event_day(statement.fields["eventTime"])
        else:
            event = first_day_of_year(statement.year)
        signed = statement.signed_at
        if event > day_of_time(signed) or signed > block_time + CLOCK_TOLERANCE or block_time > self.now + CLOCK_TOLERANCE:
            raise Defect("TIME_IMPLAUSIBLE")

    def _ledger_batch(self, batch, latest=None):
        """The ledger's row of a batch, which says what the document says."""
        row = self.chain.batch(batch["department"], batch["sequence"])
        if row is None or (latest is not None and row["anchoredAt"] > latest):
            raise Defect("BATCH_UNKNOWN")
        if row["root"] != batch["root"]:
            raise Defect("ROOT_MISMATCH")
        if any(row[name] != batch[name] for name in ("kind", "year", "count")):
            raise Defect("BATCH_MISMATCH")
        return row

    def _key(self, statement, batch, time):
        if not self.chain.authorised(batch["department"], batch["kind"], to_hex(statement.key_id), time):
            raise Defect("KEY_NOT_AUTHORISED")

    # --- receipts (10.1) -------------------------------------------------------------------------

    def _receipt(self, steps, receipt):
        batch, anchor, suite = receipt["batch"], receipt["anchor"], SUITES[receipt["suite"]]
        trusted = steps.take("trust", lambda: self._trusted(anchor))
        statement = steps.take("statement", lambda: read_statement(receipt["statement"], suite))
        if not statement:
            steps.skip("signature", "batch", "clocks", "chain", "finality", "anchor", "key", "supersession")
            return None
        steps.take("signature", lambda: self._signature(statement, receipt["statementKey"], suite))
        steps.take("batch", lambda: self._in_batch(statement, batch, receipt["path"]))
        steps.take("clocks", lambda: self._clocks(statement, anchor["blockTime"]))
        self.chain = self.node
        if self._judged(receipt["finality"], trusted):
            self._on_proof(steps, receipt, statement, trusted)
            return statement
        unasked = self._reach(steps, anchor, trusted)
        if unasked:
            steps.skip("anchor", "key", "supersession", code=unasked)
            return statement
        steps.take("anchor", lambda: self._anchor(batch, anchor))
        steps.take("key", lambda: self._key(statement, batch, anchor["blockTime"]))
        steps.take("supersession", lambda: self._stands(statement, batch))
        return statement

    def _on_proof(self, steps, receipt, statement, trusted):
        """Steps `chain` to `supersession` where the receipt's proof is judged."""
        batch, anchor = receipt["batch"], receipt["anchor"]
        proven = self._prove(steps, anchor, receipt["finality"], trusted, later=True)
        if proven is None:
            steps.skip("anchor", "key", "supersession")
            return
        self.chain = proven
        steps.take("anchor", lambda: self._anchored_at(batch, anchor))
        self._since(steps, "key", proven, anchor, lambda: self._key(statement, batch, anchor["blockTime"]))
        self._since(steps, "supersession", proven, anchor, lambda: self._stands(statement, batch))
        self.chain = self.node

    def _anchored_at(self, batch, anchor):
        if self._ledger_batch(batch)["anchoredAt"] != anchor["blockTime"]:
            raise Defect("BATCH_MISMATCH")

    def _since(self, steps, name, proven, anchor, action):
        """A step about what may have happened since: by a node beyond the proven block, else by the proof."""
        inner = Steps()
        if self._node_beyond(proven, anchor):
            self.chain = self.node
            inner.take(name, action)
        self.chain = proven
        if inner.passed() and inner or any(step.outcome == "failed" for step in inner):
            steps.extend(inner)
        else:
            steps.take(name, action)

    def _node_beyond(self, proven, anchor):
        if self.node is None:
            return False
        self.chain = self.node
        try:
            self._chain_is_right(anchor)
            return self.node.final_block()["number"] >= proven.number
        except Unknown:
            return False

    def _anchor(self, batch, anchor):
        if self._ledger_batch(batch)["anchoredAt"] != anchor["blockTime"]:
            raise Defect("BATCH_MISMATCH")
        transaction = self.chain.transaction(anchor["transactionHash"])
        block = (anchor["blockNumber"], anchor["blockHash"])
        if (
            transaction is None
            or not transaction["succeeded"]
            or (transaction["blockNumber"], transaction["blockHash"]) != block
        ):
            raise Defect("TRANSACTION_MISMATCH")
        topics = [to_hex(topic) for topic in event_topics(batch)]
        start = to_hex(event_data_start(batch))
        for log in transaction["logs"]:
            if (
                log["logIndex"] == anchor["logIndex"]
                and log["address"] == anchor["ledger"]
                and log["topics"] == topics
                and log["data"].startswith(start)
                and len(log["data"]) == 2 + 2 * 5 * 32
            ):
                return
        raise Defect("EVENT_MISMATCH")

    def _stands(self, statement, batch):
        # A recorded chain has one list of supersessions, whichever ledger holds them.
        try:
            row = self.chain.supersession(batch["department"], to_hex(statement.hash))
        except Unproven:
            return  # the receipt speaks for the moment of anchoring
        if row is not None and row["at"] <= self.chain.final_block()["time"]:
            raise Defect("SUPERSEDED")

    # --- bundles (10.2) --------------------------------------------------------------------------

    def _bundle(self, steps, bundle):
        for entry in bundle["receipts"]:
            anchored = bundle["anchors"][entry["anchor"]]
            receipt = {
                "suite": bundle["suite"],
                "statement": entry["statement"],
                "statementKey": bundle["keys"][entry["key"]],
                "batch": anchored["batch"],
                "path": entry["path"],
                "anchor": anchored["anchor"],
                "finality": anchored["finality"],
            }
            inner = Steps()
            self._receipt(inner, receipt)
            steps.copy_of("receipt", inner.deciding())

    # --- certificates (10.3) ---------------------------------------------------------------------

    def _certificate(self, steps, certificate):
        parts = []
        for part in certificate["chains"]:
            inner = Steps()
            streams, unasked = self._streams(inner, certificate, part)
            records = self._records(inner, certificate, part, streams, unasked)
            parts.append((part, streams, records))
            steps.extend(inner)
        steps.take("conclusion", lambda: self._conclusion(steps, certificate, parts))

    def _streams(self, steps, certificate, part):
        """Steps `trust` to `head`. The streams by kind and year, None unless all proofs are good; and why no node is asked."""
        trusted = steps.take("trust", lambda: self._trusted(part))
        self.chain = self.node
        if self._judged(part["finality"], trusted):
            self.chain = self._prove(steps, part, part["finality"], trusted)
            unasked = None if self.chain else "NOT_CHECKED"
        else:
            unasked = self._reach(steps, part, trusted)
        steps.take("coverage", lambda: self._coverage(certificate, part, unasked))
        if not trusted:
            steps.skip(*["stream"] * len(part["streams"]))
            return None, unasked
        streams, good = {}, True
        for stream in part["streams"]:
            key = steps.take("stream", lambda: self._stream(certificate["subject"], stream, trusted))
            good = good and key is not None
            if key:
                streams[stream["kind"], stream["year"]] = (key, [from_hex(pair) for pair in stream["pairs"]])
        if not good:
            return None, unasked
        for (kind, year), (key, pairs) in streams.items():
            number = bucket(key, trusted["prefixBits"])
            steps.take("head", lambda: self._head(part, kind, year, number, pairs, unasked))
        return streams, unasked

    def _coverage(self, certificate, part, unasked):
        wanted = []
        if certificate["purpose"] != "record":
            first, last = certificate["period"]["from"], certificate["period"]["to"]
            years = range(int(first[:4]), int(last[:4]) + 1)
            wanted = [(kind, year) for kind in certificate["kinds"] for year in years]
            given = [(stream["kind"], stream["year"]) for stream in part["streams"]]
            if set(wanted) - set(given):
                raise Defect("HISTORY_INCOMPLETE")
            if wanted != given:
                raise Defect("NOT_CANONICAL")
            if day_number(last) > day_of_time(part["blockTime"]):
                raise Defect("PERIOD_NOT_COVERED")
        if unasked:
            raise Unknown(unasked)
        retired = self.chain.retired
        if retired is not None and retired["block"] <= part["blockNumber"]:
            raise Defect("HISTORY_INCOMPLETE")

    def _stream(self, subject, stream, trusted):
        keys = [row["key"] for row in trusted["vrfKeys"] if row["fromYear"] <= stream["year"]]
        key = None
        if keys:
            proof = from_hex(stream["proof"])
            key = stream_key(from_hex(keys[-1]), subject, stream["kind"], stream["year"], proof)
        if key is None:
            raise Defect("STREAM_PROOF_INVALID")
        if isinstance(self.chain, ProvenChain):
            registered = self.chain.vrf_key(stream["year"])
            if registered is not None and to_hex(registered) != keys[-1]:
                raise Defect("STREAM_PROOF_INVALID")
        bits = trusted["prefixBits"]
        if any(bucket(from_hex(pair)[:32], bits) != bucket(key, bits) for pair in stream["pairs"]):
            raise Defect("PAIR_OUTSIDE_BUCKET")
        return key

    def _head(self, part, kind, year, number, pairs, unasked):
        if unasked:
            raise Unknown(unasked)
        if fold(b"\x00" * 32, pairs) != self.chain.head(kind, year, number, part["blockNumber"]):
            raise Defect("HEAD_MISMATCH")

    def _records(self, steps, certificate, part, streams, unasked):
        """Steps `record` and `supersession`; the statements that are in order."""
        shown = []
        for record in part["records"]:
            steps.take("record", lambda: self._record(shown, certificate, part, record, streams, unasked))
        steps.take("supersession", lambda: self._supersessions(shown, part, unasked))
        return shown

    def _record(self, shown, certificate, part, record, streams, unasked):
        suite, batch = SUITES[certificate["suite"]], record["batch"]
        statement = read_statement(record["statement"], suite)
        again = any(other.hash == statement.hash for other in shown)
        shown.append(statement)
        self._signature(statement, record["statementKey"], suite)
        self._in_batch(statement, batch, record["path"])
        # For a single record the subject must be there; else there may be none, but no other.
        if "subject" in statement.fields or certificate["purpose"] == "record":
            if statement.fields.get("subject") != certificate["subject"]:
                raise Defect("SUBJECT_MISMATCH")
        if certificate["purpose"] != "record" and streams is not None:
            key, pairs = streams.get((statement.kind, statement.year), (b"", []))
            if key + statement.hash not in pairs:
                raise Defect("RECORD_NOT_IN_STREAM")
        if again:
            raise Defect("NOT_CANONICAL")
        if unasked:
            raise Unknown(unasked)
        row = self._ledger_batch(batch, part["blockTime"])
        self._clocks(statement, row["anchoredAt"])
        self._key(statement, batch, row["anchoredAt"])
        if certificate["purpose"] != "record" and streams is None:
            raise Unknown("NOT_CHECKED")

    def _supersessions(self, shown, part, unasked):
        records = {(statement.department, to_hex(statement.hash)) for statement in shown}
        listed = {}
        for row in part["supersessions"]:
            place = (row["department"], row["recordHash"])
            if place not in records or place in listed:
                raise Defect("SUPERSESSION_MISMATCH")
            listed[place] = row
        if not records:
            return
        if unasked:
            raise Unknown(unasked)
        names = ("successor", "by", "reason", "at")
        for place in records:
            row, told = self.chain.supersession(*place), listed.get(place)
            if row is not None and row["at"] > part["blockTime"]:
                row = None
            if (row is None) != (told is None) or row and any(row[name] != told[name] for name in names):
                raise Defect("SUPERSESSION_MISMATCH")

    def _conclusion(self, steps, certificate, parts):
        # Streams are established by their proofs: a record that is withheld shows without the node, too.
        if any(streams is None for _, streams, _ in parts):
            raise Unknown("NOT_CHECKED")
        if certificate["purpose"] == "clean-record":
            self._clean(certificate, parts)
        if not steps.passed():
            raise Unknown("NOT_CHECKED")

    def _clean(self, certificate, parts):
        told = []
        for part, streams, records in parts:
            shown = {statement.hash: statement for statement in records}
            superseded = {row["recordHash"] for row in part["supersessions"]}
            for key, pairs in streams.values():
                told += [(shown.get(pair[32:]), superseded) for pair in pairs if pair[:32] == key]
        if any(statement is None for statement, _ in told):
            raise Defect("RECORD_WITHHELD")
        for statement, superseded in told:
            if to_hex(statement.hash) not in superseded and not self._excused(certificate, statement):
                raise Defect("NOT_CLEAN")

    @staticmethod
    def _excused(certificate, statement):
        if statement.kind == 5 and statement.family != NEGATIVE_LISTING:
            return True
        scope = certificate["scope"]
        if scope is not None and statement.department not in scope["departments"]:
            return True
        if "eventTime" not in statement.fields:
            return False
        period = certificate["period"]
        return not day_number(period["from"]) <= event_day(statement.fields["eventTime"]) <= day_number(period["to"])

    # --- proofs of misconduct (10.4) -------------------------------------------------------------

    def _misconduct(self, steps, document):
        receipt, certificate = document["receipt"], document["certificate"]
        inner = Steps()
        statement = self._receipt(inner, receipt)
        good = Steps(step for step in inner if step.name != "supersession")
        steps.copy_of("receipt", good.deciding())

        names = ("chainId", "genesisHash", "ledger")
        place = [receipt["anchor"][name] for name in names]
        parts = [part for part in certificate["chains"] if [part[name] for name in names] == place]
        inner, streams = Steps(), None
        if parts:
            streams, _ = self._streams(inner, certificate, parts[0])
        steps.copy_of("certificate", inner.deciding())
        steps.take("conclusion", lambda: self._misfiled(steps, receipt, certificate, statement, parts, streams))

    @staticmethod
    def _misfiled(steps, receipt, certificate, statement, parts, streams):
        if not statement or (parts and streams is None):
            raise Unknown("NOT_CHECKED")
        place = (receipt["batch"]["kind"], receipt["batch"]["year"])
        if (
            not parts
            or statement.fields.get("subject") != certificate["subject"]
            or receipt["anchor"]["blockNumber"] > parts[0]["blockNumber"]
            or place not in streams
        ):
            raise Defect("MISCONDUCT_NOT_SHOWN")
        key, pairs = streams[place]
        if key + statement.hash in pairs:
            raise Defect("MISCONDUCT_NOT_SHOWN")
        if not steps.passed():
            raise Unknown("NOT_CHECKED")

    # --- proofs of equivocation (10.5) -----------------------------------------------------------

    def _equivocation(self, steps, document):
        suite, key = SUITES[document["suite"]], document["statementKey"]
        trusted = steps.take("trust", lambda: self._trusted(document))
        pair = steps.take("statement", lambda: [read_statement(text, suite) for text in document["statements"]])
        if not pair:
            steps.skip("signature", "clocks", "chain", "key", "conclusion")
            return
        steps.take("signature", lambda: self._for_each(pair, lambda one: self._signature(one, key, suite)))
        steps.take("clocks", lambda: self._for_each(pair, lambda one: self._clocks(one, one.signed_at)))
        if not trusted:
            steps.skip("chain", "key")
        elif self.chain is None:
            steps.skip("chain", "key", code="CHAIN_NOT_CONSULTED")
        elif steps.take("chain", lambda: self._chain_is_right(document)):
            steps.take("key", lambda: self._for_each(pair, self._key_when_signed))
        else:
            steps.skip("key")
        steps.take("conclusion", lambda: self._two_contents(*pair))

    @staticmethod
    def _for_each(pair, action):
        for one in pair:
            action(one)

    def _key_when_signed(self, statement):
        name = (statement.department, statement.kind, to_hex(statement.key_id))
        newest = self.chain.final_block()["time"]
        times = (statement.signed_at, statement.signed_at + CLOCK_TOLERANCE)
        if not any(self.chain.authorised(*name, min(time, newest)) for time in times):
            raise Defect("KEY_NOT_AUTHORISED")

    @staticmethod
    def _two_contents(first, second):
        number = first.fields.get("number")
        differs = any(
            name in second.fields and not _same(value, second.fields[name]) for name, value in first.fields.items()
        )
        if (
            (first.department, first.type) != (second.department, second.type)
            or not isinstance(number, str)
            or number != second.fields.get("number")
            or not _corrects_nothing(first)
            or not _corrects_nothing(second)
            or not differs
        ):
            raise Defect("EQUIVOCATION_NOT_SHOWN")


def _corrects_nothing(statement):
    links = statement.fields.get("links")
    return isinstance(links, list) and all(
        not isinstance(link, dict) or link.get("rel") != "supersedes" for link in links
    )


def _same(one, other):
    """One JSON value twice; true and 1 are two values."""
    if isinstance(one, bool) != isinstance(other, bool) or type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(value, other[name]) for name, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(_same(*values) for values in zip(one, other))
    return one == other
