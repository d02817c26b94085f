// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {BatchTree} from "./BatchTree.sol";
import {BucketHead} from "./BucketHead.sol";
import {ChinaTime} from "./ChinaTime.sol";
import {IAuditLedger} from "./IAuditLedger.sol";
import {IDepartmentRegistry, REVIEW} from "./IDepartmentRegistry.sol";

/// @title Signed batches in, bucket heads and Merkle roots kept for ever.
contract AuditLedger is IAuditLedger, AccessManaged, EIP712 {
    uint8 private constant LAST_KIND = 5;
    uint8 private constant LAST_REASON = 4;

    /// @dev Worst case, every bucket new. An entry: 2,100 (cold read) + 20,000 (write to an empty slot) + 1,024 (64 bytes
    /// of calldata) + 1,000 (three hashes, loops) = 24,124 gas; in a SucceedingLedger 3,900 more, to read the old head. A
    /// batch: 21,000 + 110,000, and what an ERC-1271 signer spends. So 560 entries take 13.7 and 15.9 million, below the
    /// 2^24 = 16,777,216 of EIP-7825; their 35,840 bytes of calldata lie below the 128 KiB of geth-like pools.
    uint256 private constant MAX_ENTRIES = 560;

    bytes32 private constant BATCH_TYPEHASH = keccak256(
        "Batch(bytes18 department,uint8 kind,uint16 year,uint64 sequence,bytes32 entriesHash)"
    );
    bytes32 private constant SUPERSESSION_TYPEHASH = keccak256(
        "Supersession(bytes18 department,bytes32 recordHash,bytes18 by,bytes32 successor,uint8 reason)"
    );

    /// @inheritdoc IAuditLedger
    IDepartmentRegistry public immutable registry;
    /// @inheritdoc IAuditLedger
    uint16 public immutable prefixBits;
    /// @inheritdoc IAuditLedger
    address public retiredFor;

    mapping(bytes18 department => uint64) private _lastSequence;
    mapping(bytes18 department => mapping(uint64 sequence => Batch)) private _batches;
    mapping(uint8 kind => mapping(uint16 year => mapping(uint256 bucket => bytes32 head))) internal _heads;
    mapping(bytes18 department => mapping(bytes32 recordHash => Supersession)) private _supersessions;

    modifier whileOpen() {
        if (retiredFor != address(0)) revert AuditLedgerRetired(retiredFor);
        _;
    }

    /// @param departments Registry; whoever governs it governs the retirement of this ledger.
    /// @param bits 0 (one head per kind and year) to 256 (one head per stream); see docs/operations.md.
    constructor(
        IDepartmentRegistry departments,
        uint16 bits
    ) AccessManaged(IAccessManaged(address(departments)).authority()) EIP712("Quanlian AuditLedger", "1") {
        if (bits > 256) revert AuditLedgerPrefixBitsOutOfRange(bits);
        registry = departments;
        prefixBits = bits;
    }

    /// @inheritdoc IAuditLedger
    function anchor(
        bytes18 department,
        uint8 kind,
        uint16 year,
        uint64 sequence,
        Entry[] calldata entries,
        bytes calldata signature
    ) external whileOpen {
        if (kind == 0 || kind > LAST_KIND) revert AuditLedgerUnknownKind(kind);
        if (ChinaTime.isFuture(year)) revert AuditLedgerYearInFuture(year, uint64(block.timestamp));
        if (entries.length == 0) revert AuditLedgerEmptyBatch();
        if (entries.length > MAX_ENTRIES) revert AuditLedgerBatchTooLarge(entries.length, MAX_ENTRIES);

        _takeSequence(department, sequence);
        bytes32 entriesHash = BatchTree.entriesHash(entries);
        _checkSignature(
            department,
            kind,
            keccak256(abi.encode(BATCH_TYPEHASH, department, kind, year, sequence, entriesHash)),
            signature
        );

        bytes32 root = BatchTree.root(entries);
        uint32 count = uint32(entries.length);
        _batches[department][sequence] = Batch(root, kind, year, count, uint64(block.timestamp));
        _extendHeads(kind, year, entries);
        emit BatchAnchored(department, sequence, kind, year, count, root, entriesHash);
    }

    /// @inheritdoc IAuditLedger
    function supersede(
        AnchoredRecord calldata record,
        AnchoredRecord calldata successor,
        uint8 reason,
        bytes calldata signature
    ) external whileOpen {
        if (reason == 0 || reason > LAST_REASON) revert AuditLedgerUnknownReason(reason);
        Batch memory batch = _checkAnchored(record);
        _checkAnchored(successor);
        _checkSuccession(record, successor);
        _checkSignature(
            successor.department,
            successor.department == record.department ? batch.kind : REVIEW,
            _supersessionHash(record, successor, reason),
            signature
        );

        _supersessions[record.department][record.recordHash] = Supersession(
            successor.recordHash,
            successor.department,
            reason,
            uint64(block.timestamp)
        );
        emit RecordSuperseded(record.department, record.recordHash, successor.recordHash, successor.department, reason);
    }

    /// @inheritdoc IAuditLedger
    function retire(address successor, bytes32 checkpoint) external restricted whileOpen {
        if (successor == address(0)) revert AuditLedgerInvalidSuccessor(successor);
        retiredFor = successor;
        emit LedgerRetired(successor, checkpoint);
    }

    /// @inheritdoc IAuditLedger
    function nextSequence(bytes18 department) external view returns (uint64) {
        return _last(department) + 1;
    }

    /// @inheritdoc IAuditLedger
    function batchOf(bytes18 department, uint64 sequence) external view returns (Batch memory) {
        return _batch(department, sequence);
    }

    /// @inheritdoc IAuditLedger
    function headOf(uint8 kind, uint16 year, uint256 bucket) external view returns (bytes32) {
        return _head(kind, year, bucket);
    }

    /// @inheritdoc IAuditLedger
    function supersessionOf(bytes18 department, bytes32 recordHash) external view returns (Supersession memory) {
        return _supersession(department, recordHash);
    }

    /// @inheritdoc IAuditLedger
    function verifyInclusion(
        bytes18 department,
        uint64 sequence,
        bytes32 recordHash,
        bytes32[] calldata path
    ) external view returns (bool) {
        return BatchTree.contains(_batch(department, sequence).root, recordHash, path);
    }

    /// @inheritdoc IAuditLedger
    function predecessor() external view virtual returns (IAuditLedger) {}

    /// @inheritdoc IAuditLedger
    function maxEntries() external pure returns (uint256) {
        return MAX_ENTRIES;
    }

    /// @dev The loop that all gas goes into: one cold read and one write a record, all else is hashing.
    function _extendHeads(uint8 kind, uint16 year, Entry[] calldata entries) internal virtual {
        mapping(uint256 bucket => bytes32 head) storage heads = _heads[kind][year];
        for (uint256 i = 0; i < entries.length; ++i) {
            Entry calldata entry = entries[i];
            uint256 bucket = BucketHead.bucketOf(entry.streamKey, prefixBits);
            heads[bucket] = BucketHead.extend(heads[bucket], entry.streamKey, entry.recordHash);
        }
    }

    /// @dev The four things a ledger remembers. A successor answers them from its predecessor where it has nothing.
    function _last(bytes18 department) internal view virtual returns (uint64) {
        return _lastSequence[department];
    }

    function _batch(bytes18 department, uint64 sequence) internal view virtual returns (Batch memory) {
        return _batches[department][sequence];
    }

    function _head(uint8 kind, uint16 year, uint256 bucket) internal view virtual returns (bytes32) {
        return _heads[kind][year][bucket];
    }

    function _supersession(bytes18 department, bytes32 recordHash) internal view virtual returns (Supersession memory) {
        return _supersessions[department][recordHash];
    }

    function _takeSequence(bytes18 department, uint64 sequence) private {
        uint64 expected = _last(department) + 1;
        if (sequence != expected) revert AuditLedgerWrongSequence(department, expected, sequence);
        _lastSequence[department] = sequence;
    }

    function _checkSignature(
        bytes18 department,
        uint8 capability,
        bytes32 structHash,
        bytes calldata signature
    ) private view {
        address signer = registry.authorisedSigner(department, capability);
        if (!SignatureChecker.isValidSignatureNowCalldata(signer, _hashTypedDataV4(structHash), signature)) {
            revert AuditLedgerInvalidSignature(department, signer);
        }
    }

    function _checkAnchored(AnchoredRecord calldata record) private view returns (Batch memory batch) {
        batch = _batch(record.department, record.sequence);
        if (!BatchTree.contains(batch.root, record.recordHash, record.path)) {
            revert AuditLedgerNotAnchored(record.department, record.sequence, record.recordHash);
        }
    }

    function _checkSuccession(AnchoredRecord calldata record, AnchoredRecord calldata successor) private view {
        if (record.recordHash == successor.recordHash) {
            revert AuditLedgerOwnSuccessor(record.department, record.recordHash);
        }
        Supersession memory existing = _supersession(record.department, record.recordHash);
        if (existing.supersededAt != 0) {
            revert AuditLedgerAlreadySuperseded(record.department, record.recordHash, existing.successor);
        }
        if (_supersession(successor.department, successor.recordHash).supersededAt != 0) {
            revert AuditLedgerSuccessorSuperseded(successor.department, successor.recordHash);
        }
    }

    function _supersessionHash(
        AnchoredRecord calldata record,
        AnchoredRecord calldata successor,
        uint8 reason
    ) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    SUPERSESSION_TYPEHASH,
                    record.department,
                    record.recordHash,
                    successor.department,
                    successor.recordHash,
                    reason
                )
            );
    }
}
