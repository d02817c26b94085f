// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {IAuditLedger} from "../../../contracts/IAuditLedger.sol";

/// @dev Countersigning 会签: valid when two of three officers have signed, in ascending order of their addresses.
contract TwoOfThree is IERC1271 {
    mapping(address officer => bool) private _isOfficer;

    constructor(address[3] memory officers) {
        for (uint256 i = 0; i < 3; ++i) _isOfficer[officers[i]] = true;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (signature.length != 130) return 0xffffffff;
        address first = ECDSA.recoverCalldata(hash, signature[:65]);
        address second = ECDSA.recoverCalldata(hash, signature[65:]);
        bool valid = first < second && _isOfficer[first] && _isOfficer[second];
        return valid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @dev Says yes to everything, after it has tried to anchor the same batch from inside the question.
contract ReentrantWallet is IERC1271 {
    address private _ledger;
    bytes private _again;

    function plan(address ledger, bytes calldata again) external {
        _ledger = ledger;
        _again = again;
    }

    function isValidSignature(bytes32, bytes calldata) external view returns (bytes4) {
        // A static call forbids what follows, and so does the sequence; a failure is passed on to be seen.
        (bool done, ) = _ledger.staticcall(_again);
        return done ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }
}

/// @dev Answers with whatever it was told to.
contract StubbornWallet {
    bytes private _answer;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    fallback(bytes calldata) external returns (bytes memory) {
        return _answer;
    }
}

/// @dev Relays several batches in one transaction.
contract Relay {
    function anchorAll(IAuditLedger ledger, bytes[] calldata calls) external {
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool done, bytes memory reason) = address(ledger).call(calls[i]);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(reason, 0x20), mload(reason))
                }
            }
        }
    }
}
