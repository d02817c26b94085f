// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuditLedger} from "../../../contracts/IAuditLedger.sol";
import {Network} from "./Network.sol";
import {vm} from "./Vm.sol";

/// @dev Drives a ledger at random, honestly and not, and keeps its own account of what must have come of it.
contract LedgerHandler is Network {
    /// @dev A record in a batch of one, so that its path is empty; larger batches feed the heads.
    struct Anchored {
        bytes18 department;
        uint64 sequence;
        bytes32 recordHash;
    }

    struct Bucket {
        uint8 kind;
        uint16 year;
        uint256 bucket;
    }

    uint256 private immutable _bits;
    bytes32[] private _streams;

    mapping(uint8 kind => mapping(uint16 year => mapping(uint256 bucket => bytes32 head))) public expectedHead;
    /// @dev Position in `buckets`, counted from 1.
    mapping(uint8 kind => mapping(uint16 year => mapping(uint256 bucket => uint256))) private _position;
    Bucket[] public buckets;
    uint256 public lastBucket;
    mapping(bytes18 department => uint64) public anchoredBatches;
    Anchored[] private _singles;
    Anchored[] public superseded;
    mapping(bytes18 department => mapping(bytes32 recordHash => bytes32)) public expectedSuccessor;
    mapping(bytes18 department => bool) public suspended;

    /// @dev How often each thing happened: an invariant over a handler that does nothing proves nothing.
    uint256 public anchors;
    uint256 public supersessions;
    uint256 public refusals;
    uint256 public breaches;

    constructor(uint16 prefixBits) {
        start(address(this), prefixBits);
        _bits = prefixBits;
        registry.register(HOUSING, 0x3e, vm.addr(HOUSING_KEY));
        registry.register(COURT, ALL, vm.addr(COURT_KEY));
        // Pairs of streams that share no bit, the first 8, the first 16, and all but the last.
        _streams.push(bytes32(uint256(0x11) << 248));
        _streams.push(bytes32((uint256(0x11) << 248) | (1 << 247)));
        _streams.push(bytes32((uint256(0x11) << 248) | (1 << 239)));
        _streams.push(bytes32((uint256(0x11) << 248) | 1));
        _streams.push(bytes32(type(uint256).max));
    }

    function ledgerUnderTest() external view returns (IAuditLedger) {
        return ledger;
    }

    function bucketCount() external view returns (uint256) {
        return buckets.length;
    }

    function supersededCount() external view returns (uint256) {
        return superseded.length;
    }

    function anchor(uint256 seed) external {
        bytes18 department = _department(seed);
        (uint8 kind, uint16 year) = _kindAndYear(seed);
        IAuditLedger.Entry[] memory entries = someEntries(seed, 1 + ((seed >> 24) % 4), _streams);
        uint64 sequence = anchoredBatches[department] + 1;
        bytes32 digest = batchDigest(address(ledger), department, kind, year, sequence, entries);
        bytes memory signature = signed(keyOf(department), digest);
        try ledger.anchor(department, kind, year, sequence, entries, signature) {
            if (suspended[department]) ++breaches;
            ++anchors;
            _account(department, kind, year, entries);
        } catch {
            if (!suspended[department]) ++breaches;
            ++refusals;
        }
    }

    /// @dev Everything but the signed path: each attempt must fail, and if it does not, no account is kept of it.
    function attack(uint256 seed) external {
        bytes18 department = _department(seed);
        (uint8 kind, uint16 year) = _kindAndYear(seed);
        IAuditLedger.Entry[] memory entries = someEntries(seed, 1, _streams);
        uint64 next = anchoredBatches[department] + 1;
        uint64 sequence = next;
        uint256 key = keyOf(department);
        uint256 way = (seed >> 32) % 5;
        if (way == 0) sequence = uint64(seed >> 40) == next ? next + 1 : uint64(seed >> 40);
        if (way == 1) key = keyOf(department == HOUSING ? COURT : HOUSING);
        bytes32 digest = batchDigest(address(ledger), department, kind, year, sequence, entries);
        if (way == 2) entries[0].recordHash ^= bytes32(uint256(1) << ((seed >> 40) & 0xff));
        if (way == 3) kind = kind == 4 ? 5 : 4;
        if (way == 4) year -= 1;
        try ledger.anchor(department, kind, year, sequence, entries, signed(key, digest)) {
            ++breaches;
        } catch {
            ++refusals;
        }
    }

    function supersede(uint256 seed) external {
        if (_singles.length < 2) return;
        Anchored memory record = _singles[seed % _singles.length];
        Anchored memory successor = _singles[(seed >> 64) % _singles.length];
        uint8 reason = uint8(1 + ((seed >> 128) % 4));
        bytes memory signature = _supersessionSignature(record, successor, reason);
        try ledger.supersede(_proven(record), _proven(successor), reason, signature) {
            if (!_maySupersede(record, successor)) ++breaches;
            ++supersessions;
            superseded.push(record);
            expectedSuccessor[record.department][record.recordHash] = successor.recordHash;
        } catch {
            if (_maySupersede(record, successor)) ++breaches;
            ++refusals;
        }
    }

    function suspendOrResume(uint256 seed) external {
        bytes18 department = _department(seed);
        if (suspended[department]) registry.resume(department);
        else if (seed % 8 == 0) registry.suspend(department);
        else return;
        suspended[department] = !suspended[department];
    }

    function _account(bytes18 department, uint8 kind, uint16 year, IAuditLedger.Entry[] memory entries) private {
        anchoredBatches[department] += 1;
        if (entries.length == 1) {
            _singles.push(Anchored(department, anchoredBatches[department], entries[0].recordHash));
        }
        for (uint256 i = 0; i < entries.length; ++i) {
            uint256 bucket = uint256(entries[i].streamKey) / _bucketSize();
            if (_bits == 0) bucket = 0;
            bytes32 head = expectedHead[kind][year][bucket];
            expectedHead[kind][year][bucket] = keccak256(
                abi.encodePacked(head, entries[i].streamKey, entries[i].recordHash)
            );
            _touch(kind, year, bucket);
        }
    }

    function _touch(uint8 kind, uint16 year, uint256 bucket) private {
        if (_position[kind][year][bucket] == 0) {
            buckets.push(Bucket(kind, year, bucket));
            _position[kind][year][bucket] = buckets.length;
        }
        lastBucket = _position[kind][year][bucket] - 1;
    }

    /// @dev 2 ** (256 - bits), or the largest number when that does not fit.
    function _bucketSize() private view returns (uint256) {
        return _bits == 0 ? type(uint256).max : 2 ** (256 - _bits);
    }

    function _maySupersede(Anchored memory record, Anchored memory successor) private view returns (bool) {
        bool ownOrCourt = record.department == successor.department || successor.department == COURT;
        bool fresh = expectedSuccessor[record.department][record.recordHash] == 0;
        bool standing = expectedSuccessor[successor.department][successor.recordHash] == 0;
        bool another = record.recordHash != successor.recordHash;
        return ownOrCourt && fresh && standing && another && !suspended[successor.department];
    }

    function _supersessionSignature(
        Anchored memory record,
        Anchored memory successor,
        uint8 reason
    ) private view returns (bytes memory) {
        bytes32 digest = supersessionDigest(
            record.department,
            record.recordHash,
            successor.department,
            successor.recordHash,
            reason
        );
        return signed(keyOf(successor.department), digest);
    }

    function _proven(Anchored memory record) private pure returns (IAuditLedger.AnchoredRecord memory) {
        return IAuditLedger.AnchoredRecord(record.department, record.sequence, record.recordHash, new bytes32[](0));
    }

    function _department(uint256 seed) private pure returns (bytes18) {
        return seed & 1 == 0 ? HOUSING : COURT;
    }

    function _kindAndYear(uint256 seed) private pure returns (uint8 kind, uint16 year) {
        return (seed & 2 == 0 ? 4 : 5, seed & 4 == 0 ? 2026 : 2025);
    }
}
