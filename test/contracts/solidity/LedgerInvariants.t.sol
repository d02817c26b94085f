// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuditLedger} from "../../../contracts/IAuditLedger.sol";
import {LedgerHandler} from "./LedgerHandler.sol";

/// @dev What holds of a ledger after any sequence of honest and dishonest calls.
abstract contract LedgerInvariants {
    LedgerHandler private _handler;
    IAuditLedger private _ledger;
    bytes18[2] private _departments = [bytes18("11110000MA0FICT01A"), bytes18("11110000MA0FICT02B")];

    function prefixBits() internal pure virtual returns (uint16);

    function setUp() public {
        _handler = new LedgerHandler(prefixBits());
        _ledger = _handler.ledgerUnderTest();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev Runs after each call, so it looks at what the call could have touched. One campaign for all properties: each
    /// invariant function would run its own.
    function invariant_HistoryIsOnlyEverExtendedBySignature() public view {
        require(_handler.breaches() == 0, "an attack went through, or an honest call did not");
        for (uint256 i = 0; i < 2; ++i) _checkSequence(_departments[i]);
        if (_handler.bucketCount() > 0) _checkHead(_handler.lastBucket());
        if (_handler.supersededCount() > 0) _checkSuperseded(_handler.supersededCount() - 1);
    }

    /// @dev Runs once after each sequence of calls: everything, and that the handler did not sleep.
    function afterInvariant() public view {
        for (uint256 i = 0; i < _handler.bucketCount(); ++i) _checkHead(i);
        for (uint256 i = 0; i < _handler.supersededCount(); ++i) _checkSuperseded(i);
        require(_handler.anchors() > 0 && _handler.refusals() > 0, "the handler did nothing");
    }

    function _checkHead(uint256 i) private view {
        (uint8 kind, uint16 year, uint256 bucket) = _handler.buckets(i);
        bytes32 expected = _handler.expectedHead(kind, year, bucket);
        require(_ledger.headOf(kind, year, bucket) == expected, "head differs from an independent fold");
    }

    function _checkSequence(bytes18 department) private view {
        uint64 count = _handler.anchoredBatches(department);
        require(_ledger.nextSequence(department) == count + 1, "next sequence");
        require(_ledger.batchOf(department, count + 1).root == 0, "batch ahead of the sequence");
        require(count == 0 || _ledger.batchOf(department, count).root != 0, "gap");
    }

    function _checkSuperseded(uint256 i) private view {
        (bytes18 department, , bytes32 recordHash) = _handler.superseded(i);
        bytes32 expected = _handler.expectedSuccessor(department, recordHash);
        require(_ledger.supersessionOf(department, recordHash).successor == expected, "successor changed");
    }
}

contract LedgerInvariantsPrefix0 is LedgerInvariants {
    function prefixBits() internal pure override returns (uint16) {
        return 0;
    }
}

contract LedgerInvariantsPrefix8 is LedgerInvariants {
    function prefixBits() internal pure override returns (uint16) {
        return 8;
    }
}

contract LedgerInvariantsPrefix16 is LedgerInvariants {
    function prefixBits() internal pure override returns (uint16) {
        return 16;
    }
}

contract LedgerInvariantsPrefix256 is LedgerInvariants {
    function prefixBits() internal pure override returns (uint16) {
        return 256;
    }
}
