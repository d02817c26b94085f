// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AuditLedger} from "./AuditLedger.sol";
import {BucketHead} from "./BucketHead.sol";
import {IAuditLedger} from "./IAuditLedger.sol";
import {IDepartmentRegistry} from "./IDepartmentRegistry.sol";

/// @title A ledger that takes over from a retired one on the same chain and continues each of its histories.
/// @notice What it has not written itself it reads from its predecessor, which nothing can change any more: heads go on
/// from where they stood, sequences from the last one, and a record anchored there can be superseded here.
/// It opens at the moment in which the predecessor is retired in its favour, so the two never accept side by side.
contract SucceedingLedger is AuditLedger {
    /// @inheritdoc IAuditLedger
    IAuditLedger public immutable override predecessor;

    /// @notice The predecessor is still open, or was closed in favour of another ledger.
    error SucceedingLedgerNotYetOpen(IAuditLedger predecessor, address retiredFor);

    /// @param departments Registry of the new ledger; it may be a new one.
    /// @param previous Ledger taken over from; the buckets must stay the same, so its prefixBits do.
    constructor(
        IDepartmentRegistry departments,
        IAuditLedger previous
    ) AuditLedger(departments, previous.prefixBits()) {
        predecessor = previous;
    }

    /// @inheritdoc AuditLedger
    function _extendHeads(uint8 kind, uint16 year, Entry[] calldata entries) internal override {
        IAuditLedger retired = _retired();
        mapping(uint256 bucket => bytes32 head) storage heads = _heads[kind][year];
        for (uint256 i = 0; i < entries.length; ++i) {
            uint256 bucket = BucketHead.bucketOf(entries[i].streamKey, prefixBits);
            if (heads[bucket] == 0) heads[bucket] = retired.headOf(kind, year, bucket);
        }
        super._extendHeads(kind, year, entries);
    }

    /// @inheritdoc AuditLedger
    function _last(bytes18 department) internal view override returns (uint64) {
        uint64 own = super._last(department);
        return own != 0 ? own : _retired().nextSequence(department) - 1;
    }

    /// @inheritdoc AuditLedger
    function _batch(bytes18 department, uint64 sequence) internal view override returns (Batch memory) {
        Batch memory own = super._batch(department, sequence);
        return own.root != 0 ? own : _retired().batchOf(department, sequence);
    }

    /// @inheritdoc AuditLedger
    function _head(uint8 kind, uint16 year, uint256 bucket) internal view override returns (bytes32) {
        bytes32 own = super._head(kind, year, bucket);
        return own != 0 ? own : _retired().headOf(kind, year, bucket);
    }

    /// @inheritdoc AuditLedger
    function _supersession(
        bytes18 department,
        bytes32 recordHash
    ) internal view override returns (Supersession memory) {
        Supersession memory own = super._supersession(department, recordHash);
        return own.supersededAt != 0 ? own : _retired().supersessionOf(department, recordHash);
    }

    /// @dev The predecessor, once it has been closed in favour of this ledger.
    function _retired() private view returns (IAuditLedger) {
        address heir = predecessor.retiredFor();
        if (heir != address(this)) revert SucceedingLedgerNotYetOpen(predecessor, heir);
        return predecessor;
    }
}
