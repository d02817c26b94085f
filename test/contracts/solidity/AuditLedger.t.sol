// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuditLedger} from "../../../contracts/IAuditLedger.sol";
import {Network} from "./Network.sol";
import {vm} from "./Vm.sol";

contract AuditLedgerFuzz is Network {
    function setUp() public {
        start(address(this), 16);
        registry.register(HOUSING, 0x3e, vm.addr(HOUSING_KEY));
        registry.register(COURT, ALL, vm.addr(COURT_KEY));
    }

    function testFuzz_HeadsFollowAnyEntries(bytes32[] calldata words) public {
        vm.assume(words.length >= 2);
        IAuditLedger.Entry[] memory entries = _pairs(words, 560);
        anchorSigned(HOUSING, 4, 2026, entries);
        for (uint256 i = 0; i < entries.length; ++i) {
            uint256 bucket = uint256(entries[i].streamKey) / 2 ** 240;
            require(ledger.headOf(4, 2026, bucket) == _fold(entries, bucket), "head");
        }
    }

    function testFuzz_BatchIsKeptAsSigned(uint8 kind, uint16 year, uint64 time, bytes32 stream, bytes32 hash) public {
        kind = 1 + (kind % 5);
        time = uint64(NOON) + (time % 30_000_000_000);
        vm.warp(time);
        year = uint16(1 + (uint256(year) % 2026));
        uint64 sequence = anchorSigned(COURT, kind, year, _one(stream, hash));
        IAuditLedger.Batch memory batch = ledger.batchOf(COURT, sequence);
        require(batch.root == keccak256(abi.encode(hash)), "root of one");
        require(batch.kind == kind && batch.year == year, "kind, year");
        require(batch.count == 1 && batch.anchoredAt == time, "count, time");
        require(ledger.verifyInclusion(COURT, sequence, hash, new bytes32[](0)), "inclusion");
    }

    function testFuzz_AnySignatureButTheSignersIsRefused(bytes calldata signature) public {
        IAuditLedger.Entry[] memory entries = _one("stream", "record");
        vm.expectRevert(_invalidSignature());
        ledger.anchor(HOUSING, 4, 2026, 1, entries, signature);
    }

    function testFuzz_AnyOtherKeyIsRefused(uint256 key) public {
        key = 1 + (key % HALF_ORDER);
        vm.assume(key != HOUSING_KEY);
        IAuditLedger.Entry[] memory entries = _one("stream", "record");
        bytes32 digest = batchDigest(address(ledger), HOUSING, 4, 2026, 1, entries);
        vm.expectRevert(_invalidSignature());
        ledger.anchor(HOUSING, 4, 2026, 1, entries, signed(key, digest));
    }

    function testFuzz_AnySequenceButTheNextIsRefused(uint64 sequence) public {
        vm.assume(sequence != 1);
        IAuditLedger.Entry[] memory entries = _one("stream", "record");
        bytes memory signature = signed(HOUSING_KEY, batchDigest(address(ledger), HOUSING, 4, 2026, sequence, entries));
        vm.expectRevert(abi.encodeWithSelector(IAuditLedger.AuditLedgerWrongSequence.selector, HOUSING, 1, sequence));
        ledger.anchor(HOUSING, 4, 2026, sequence, entries, signature);
    }

    function testFuzz_NoOtherHashIsInABatch(bytes32[] calldata words, bytes32 other, bytes32[] calldata path) public {
        vm.assume(words.length >= 2);
        IAuditLedger.Entry[] memory entries = _pairs(words, 560);
        for (uint256 i = 0; i < entries.length; ++i) vm.assume(entries[i].recordHash != other);
        uint64 sequence = anchorSigned(HOUSING, 4, 2026, entries);
        require(!ledger.verifyInclusion(HOUSING, sequence, other, path), "a stranger is in the batch");
    }

    /// @dev The children of the root, given as a record with an empty path or with each other as path.
    function testFuzz_AnInnerNodeIsNoRecord(bytes32 a, bytes32 b, bytes32 c) public {
        IAuditLedger.Entry[] memory entries = new IAuditLedger.Entry[](3);
        entries[0].recordHash = a;
        entries[1].recordHash = b;
        entries[2].recordHash = c;
        uint64 sequence = anchorSigned(HOUSING, 4, 2026, entries);
        bytes32 inner = _node(keccak256(abi.encode(a)), keccak256(abi.encode(b)));
        bytes32[] memory path = new bytes32[](1);
        path[0] = keccak256(abi.encode(c));
        require(ledger.batchOf(HOUSING, sequence).root == _node(inner, path[0]), "shape of three");
        require(!ledger.verifyInclusion(HOUSING, sequence, inner, path), "an inner node passed as a record");
        require(ledger.verifyInclusion(HOUSING, sequence, c, _path(inner)), "the record itself did not");
    }

    function testFuzz_SupersededOnceAndForEver(bytes32 first, bytes32 second, bytes32 third, uint8 reason) public {
        vm.assume(first != second && second != third && first != third);
        reason = 1 + (reason % 4);
        anchorSigned(HOUSING, 4, 2026, _one("stream", first));
        anchorSigned(HOUSING, 4, 2026, _one("stream", second));
        anchorSigned(HOUSING, 4, 2026, _one("stream", third));
        _supersede(1, first, 2, second, reason);
        vm.expectRevert(
            abi.encodeWithSelector(IAuditLedger.AuditLedgerAlreadySuperseded.selector, HOUSING, first, second)
        );
        _supersede(1, first, 3, third, reason);
        require(ledger.supersessionOf(HOUSING, first).successor == second, "successor");
        require(ledger.supersessionOf(HOUSING, first).reason == reason, "reason");
        require(ledger.supersessionOf(COURT, first).successor == 0, "another department's copy");
    }

    function _supersede(uint64 a, bytes32 record, uint64 b, bytes32 successor, uint8 reason) private {
        bytes32[] memory none = new bytes32[](0);
        bytes32 digest = supersessionDigest(HOUSING, record, HOUSING, successor, reason);
        ledger.supersede(
            IAuditLedger.AnchoredRecord(HOUSING, a, record, none),
            IAuditLedger.AnchoredRecord(HOUSING, b, successor, none),
            reason,
            signed(HOUSING_KEY, digest)
        );
    }

    function _invalidSignature() private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAuditLedger.AuditLedgerInvalidSignature.selector, HOUSING, vm.addr(HOUSING_KEY));
    }

    function _fold(IAuditLedger.Entry[] memory entries, uint256 bucket) private pure returns (bytes32 head) {
        for (uint256 i = 0; i < entries.length; ++i) {
            if (uint256(entries[i].streamKey) / 2 ** 240 != bucket) continue;
            head = keccak256(abi.encodePacked(head, entries[i].streamKey, entries[i].recordHash));
        }
    }

    function _one(bytes32 stream, bytes32 hash) private pure returns (IAuditLedger.Entry[] memory entries) {
        entries = new IAuditLedger.Entry[](1);
        entries[0] = IAuditLedger.Entry(stream, hash);
    }

    function _pairs(bytes32[] calldata words, uint256 most) private pure returns (IAuditLedger.Entry[] memory entries) {
        uint256 count = words.length / 2 < most ? words.length / 2 : most;
        entries = new IAuditLedger.Entry[](count);
        for (uint256 i = 0; i < count; ++i) entries[i] = IAuditLedger.Entry(words[2 * i], words[2 * i + 1]);
    }

    function _path(bytes32 sibling) private pure returns (bytes32[] memory path) {
        path = new bytes32[](1);
        path[0] = sibling;
    }

    function _node(bytes32 a, bytes32 b) private pure returns (bytes32) {
        return a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
    }
}
