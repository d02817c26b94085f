// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDepartmentRegistry} from "./IDepartmentRegistry.sol";

/// @title The records: an append-only history per subject, kind and year that nobody can drop, reorder or fork.
/// @notice A record is known by its hash, a stream (all records of one subject, kind and year) by a pseudonym. The ledger
/// extends the heads itself: whoever holds the ordered pairs that fold to a head holds all pairs of that bucket.
/// Byte formats: docs/format.md, sections 4 and 5.
interface IAuditLedger {
    /// @notice One record in one stream.
    /// @param streamKey Pseudonym of the stream: the first 32 bytes of a VRF output.
    /// @param recordHash SHA-256 of the record's issuer-signed statement.
    struct Entry {
        bytes32 streamKey;
        bytes32 recordHash;
    }

    /// @notice What a department anchored under one sequence number.
    /// @param root Merkle root over the record hashes; zero: no such batch.
    /// @param kind APPROVAL 1, SERVICE 2, SUPERVISION 3, ENFORCEMENT 4, CREDIT 5.
    /// @param year Calendar year (China time) of the events recorded.
    /// @param count Number of entries.
    /// @param anchoredAt Block time, Unix seconds.
    struct Batch {
        bytes32 root;
        uint8 kind;
        uint16 year;
        uint32 count;
        uint64 anchoredAt;
    }

    /// @notice A record with the proof that its department anchored it.
    /// @param path Sibling hashes from the leaf up to the root of the batch.
    struct AnchoredRecord {
        bytes18 department;
        uint64 sequence;
        bytes32 recordHash;
        bytes32[] path;
    }

    /// @notice What became of a record.
    /// @param successor Hash of the record that takes its place.
    /// @param by Department that anchored the successor.
    /// @param reason 1 correction 更正, 2 withdrawal 撤销, 3 repair 信用修复, 4 annulment 复议/判决.
    /// @param supersededAt Block time, Unix seconds; zero: the record stands.
    struct Supersession {
        bytes32 successor;
        bytes18 by;
        uint8 reason;
        uint64 supersededAt;
    }

    /// @notice A batch was taken in; its entries are in the calldata of the transaction.
    /// @param entriesHash keccak256 over them, as signed.
    event BatchAnchored(
        bytes18 indexed department,
        uint64 indexed sequence,
        uint8 kind,
        uint16 year,
        uint32 count,
        bytes32 root,
        bytes32 entriesHash
    );
    /// @notice `successor`, a record of the department `by`, took the place of a record of `department`.
    event RecordSuperseded(
        bytes18 indexed department,
        bytes32 indexed recordHash,
        bytes32 indexed successor,
        bytes18 by,
        uint8 reason
    );
    /// @notice This ledger was closed in favour of another one; `checkpoint` commits to its closing state.
    event LedgerRetired(address indexed successor, bytes32 checkpoint);

    /// @notice More than 256 bits of a stream key were asked for.
    error AuditLedgerPrefixBitsOutOfRange(uint16 prefixBits);
    /// @notice Kinds are 1 to 5.
    error AuditLedgerUnknownKind(uint8 kind);
    /// @notice The year has not begun in China at the time of the block.
    error AuditLedgerYearInFuture(uint16 year, uint64 blockTime);
    /// @notice A batch holds at least one entry.
    error AuditLedgerEmptyBatch();
    /// @notice A batch holds at most `ceiling` entries.
    error AuditLedgerBatchTooLarge(uint256 count, uint256 ceiling);
    /// @notice Below `expected`: taken already. Above: an earlier batch is missing.
    error AuditLedgerWrongSequence(bytes18 department, uint64 expected, uint64 given);
    /// @notice Not what the signer of the department in office has signed.
    error AuditLedgerInvalidSignature(bytes18 department, address signer);
    /// @notice The path does not lead from the record to the root of that batch.
    error AuditLedgerNotAnchored(bytes18 department, uint64 sequence, bytes32 recordHash);
    /// @notice Reasons are 1 to 4.
    error AuditLedgerUnknownReason(uint8 reason);
    /// @notice The record has its successor, for ever.
    error AuditLedgerAlreadySuperseded(bytes18 department, bytes32 recordHash, bytes32 successor);
    /// @notice What does not stand itself cannot replace anything.
    error AuditLedgerSuccessorSuperseded(bytes18 department, bytes32 recordHash);
    /// @notice A record cannot replace itself.
    error AuditLedgerOwnSuccessor(bytes18 department, bytes32 recordHash);
    /// @notice The ledger is closed; `successor` took over.
    error AuditLedgerRetired(address successor);
    /// @notice A ledger is not retired for nobody.
    error AuditLedgerInvalidSuccessor(address successor);

    /// @notice Anchors the next batch of a department. Anybody may relay it; only the department's signer can make it.
    /// @dev Safe to send again: a sequence is accepted once. The order of the entries is the order of anchoring. The same
    /// record hash may occur again (docs/decisions/0022-repeated-hashes.md).
    /// @param signature EIP-712 `Batch(bytes18 department,uint8 kind,uint16 year,uint64 sequence,bytes32 entriesHash)` by
    /// the department's signer (65 bytes r, s, v with low s; or what its ERC-1271 contract expects), where `entriesHash`
    /// is keccak256 over all stream keys and record hashes in order.
    function anchor(
        bytes18 department,
        uint8 kind,
        uint16 year,
        uint64 sequence,
        Entry[] calldata entries,
        bytes calldata signature
    ) external;

    /// @notice Puts a later record in the place of an earlier one, once and for ever.
    /// @dev Signed by the department that anchored the successor: the record's own department, with the capability for
    /// the kind of its batch, or one with REVIEW. No order of anchoring is demanded, since old files may be imported in
    /// any order; a successor that is itself superseded is refused, so the chain of successors never closes on itself.
    /// @param signature EIP-712 `Supersession(bytes18 department,bytes32 recordHash,bytes18 by,bytes32 successor,uint8
    /// reason)`.
    function supersede(
        AnchoredRecord calldata record,
        AnchoredRecord calldata successor,
        uint8 reason,
        bytes calldata signature
    ) external;

    /// @notice Closes this ledger for ever in favour of another one; everything stays readable. Governance only.
    /// @param checkpoint Commitment to the closing state, as `scripts/replay` computes it from the chain alone.
    function retire(address successor, bytes32 checkpoint) external;

    /// @notice The registry that says who may anchor.
    function registry() external view returns (IDepartmentRegistry);

    /// @notice Number of leading bits of a stream key that choose its bucket; fixed for the life of the ledger.
    function prefixBits() external view returns (uint16);

    /// @notice The largest number of entries in a batch.
    function maxEntries() external view returns (uint256);

    /// @notice The ledger that this one took over from; zero for the first one.
    function predecessor() external view returns (IAuditLedger);

    /// @notice The ledger that took over; zero while this one is open.
    function retiredFor() external view returns (address);

    /// @notice The sequence that the next batch of a department must carry; the first is 1.
    function nextSequence(bytes18 department) external view returns (uint64);

    /// @notice A batch by department and sequence; all zero when there is none.
    function batchOf(bytes18 department, uint64 sequence) external view returns (Batch memory);

    /// @notice Running hash of all pairs of a bucket: keccak256(head, streamKey, recordHash) from zero, in order.
    /// @param bucket First `prefixBits` bits of the stream keys, as an unsigned integer.
    function headOf(uint8 kind, uint16 year, uint256 bucket) external view returns (bytes32);

    /// @notice What became of a record of a department; all zero while it stands.
    /// @dev Asked by department, since anybody may anchor a copy of another's hash and then dispose of the copy.
    function supersessionOf(bytes18 department, bytes32 recordHash) external view returns (Supersession memory);

    /// @notice Whether a record hash is a leaf of a batch. An inner node never passes as one.
    function verifyInclusion(
        bytes18 department,
        uint64 sequence,
        bytes32 recordHash,
        bytes32[] calldata path
    ) external view returns (bool);
}
