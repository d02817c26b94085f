// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {ChinaTime} from "./ChinaTime.sol";
import {IDepartmentRegistry, REVIEW} from "./IDepartmentRegistry.sol";

/// @title Departments, their capabilities and their keys, with the whole past of each.
contract DepartmentRegistry is IDepartmentRegistry, AccessManaged {
    /// @dev Bits of the kinds 1 to 5, and of REVIEW.
    uint256 private constant ALL_CAPABILITIES = (1 << 1) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5) | (1 << REVIEW);

    /// @dev One slot per entry. The last entry is the present.
    mapping(bytes18 department => State[]) private _history;

    /// @dev One slot per key. Statement keys by thumbprint, signers by left-padded address.
    mapping(bytes18 department => mapping(bytes32 key => KeyLife)) private _keys;

    /// @dev Ascending by `fromYear`; the first entry serves all earlier years too.
    VrfKey[] private _vrfKeys;

    constructor(address authority, bytes32 vrfKey) AccessManaged(authority) {
        _pushVrfKey(vrfKey, 0);
    }

    /// @inheritdoc IDepartmentRegistry
    function register(bytes18 department, uint16 capabilities, address signer) external restricted {
        _checkSpelling(department);
        if (_history[department].length != 0) revert DepartmentRegistryAlreadyRegistered(department);
        _checkCapabilities(capabilities);
        _openSigner(department, signer);
        _record(department, State(0, capabilities, false, signer));
        emit DepartmentRegistered(department);
        emit CapabilitiesSet(department, capabilities);
        emit SignerRotated(department, address(0), signer);
    }

    /// @inheritdoc IDepartmentRegistry
    function setCapabilities(bytes18 department, uint16 capabilities) external restricted {
        _checkCapabilities(capabilities);
        State memory state = _present(department);
        state.capabilities = capabilities;
        _record(department, state);
        emit CapabilitiesSet(department, capabilities);
    }

    /// @inheritdoc IDepartmentRegistry
    function suspend(bytes18 department) external restricted {
        State memory state = _present(department);
        if (state.suspended) revert DepartmentRegistrySuspended(department);
        state.suspended = true;
        _record(department, state);
        emit DepartmentSuspended(department);
    }

    /// @inheritdoc IDepartmentRegistry
    function resume(bytes18 department) external restricted {
        State memory state = _present(department);
        if (!state.suspended) revert DepartmentRegistryNotSuspended(department);
        state.suspended = false;
        _record(department, state);
        emit DepartmentResumed(department);
    }

    /// @inheritdoc IDepartmentRegistry
    function rotateSigner(bytes18 department, address signer) external restricted {
        State memory state = _present(department);
        address previous = state.signer;
        _openSigner(department, signer);
        if (previous != address(0)) _close(department, _signerKey(previous), uint64(block.timestamp));
        state.signer = signer;
        _record(department, state);
        emit SignerRotated(department, previous, signer);
    }

    /// @inheritdoc IDepartmentRegistry
    function addStatementKey(bytes18 department, bytes32 thumbprint) external restricted {
        // A thumbprint that looks like an address could be taken for a signer.
        if (uint256(thumbprint) <= type(uint160).max) revert DepartmentRegistryInvalidThumbprint(thumbprint);
        _present(department);
        _open(department, thumbprint);
        emit StatementKeyAdded(department, thumbprint);
    }

    /// @inheritdoc IDepartmentRegistry
    function revokeKey(bytes18 department, bytes32 key, uint64 since) external restricted {
        if (since == 0 || since > block.timestamp) {
            revert DepartmentRegistryInvalidSince(since, uint64(block.timestamp));
        }
        State memory state = _present(department);
        KeyLife storage life = _keys[department][key];
        if (life.from == 0) revert DepartmentRegistryUnknownKey(department, key);
        if (life.until != 0 && life.until <= since) {
            revert DepartmentRegistryRevokedEarlier(department, key, life.until);
        }
        _close(department, key, since);
        if (key == _signerKey(state.signer)) {
            state.signer = address(0);
            _record(department, state);
        }
        emit KeyRevoked(department, key, since);
    }

    /// @inheritdoc IDepartmentRegistry
    function setVrfKey(bytes32 key, uint16 fromYear) external restricted {
        if (!ChinaTime.isFuture(fromYear)) revert DepartmentRegistryYearHasBegun(fromYear);
        uint16 latest = _vrfKeys[_vrfKeys.length - 1].fromYear;
        if (fromYear <= latest) revert DepartmentRegistryYearNotLater(fromYear, latest);
        _pushVrfKey(key, fromYear);
    }

    /// @inheritdoc IDepartmentRegistry
    function authorisedSigner(bytes18 department, uint8 capability) external view returns (address) {
        State memory state = _present(department);
        if (state.suspended) revert DepartmentRegistrySuspended(department);
        if (!_holds(state, capability)) revert DepartmentRegistryMissingCapability(department, capability);
        if (state.signer == address(0)) revert DepartmentRegistryNoSigner(department);
        return state.signer;
    }

    /// @inheritdoc IDepartmentRegistry
    function wasAuthorised(bytes18 department, uint8 kind, bytes32 key, uint64 moment) external view returns (bool) {
        if (moment > block.timestamp) return false;
        State memory state = _stateAt(department, moment);
        return _holds(state, kind) && !state.suspended && _wasGood(_keys[department][key], moment);
    }

    /// @inheritdoc IDepartmentRegistry
    function keyOf(bytes18 department, bytes32 key) external view returns (KeyLife memory) {
        return _keys[department][key];
    }

    /// @inheritdoc IDepartmentRegistry
    function historyOf(bytes18 department) external view returns (State[] memory) {
        return _history[department];
    }

    /// @inheritdoc IDepartmentRegistry
    function vrfKeyOf(uint16 year) external view returns (bytes32) {
        uint256 i = _vrfKeys.length - 1;
        while (_vrfKeys[i].fromYear > year) --i;
        return _vrfKeys[i].key;
    }

    function _record(bytes18 department, State memory state) private {
        state.since = uint64(block.timestamp);
        _history[department].push(state);
    }

    function _openSigner(bytes18 department, address signer) private {
        if (signer == address(0)) revert DepartmentRegistryInvalidSigner(signer);
        _open(department, _signerKey(signer));
    }

    function _open(bytes18 department, bytes32 key) private {
        KeyLife storage life = _keys[department][key];
        if (life.from != 0) revert DepartmentRegistryKeyUsedBefore(department, key);
        life.from = uint64(block.timestamp);
    }

    function _close(bytes18 department, bytes32 key, uint64 until) private {
        KeyLife storage life = _keys[department][key];
        life.until = until;
        life.closedAt = uint64(block.timestamp);
    }

    function _pushVrfKey(bytes32 key, uint16 fromYear) private {
        _vrfKeys.push(VrfKey(key, fromYear));
        emit VrfKeySet(key, fromYear);
    }

    function _present(bytes18 department) private view returns (State memory) {
        State[] storage history = _history[department];
        if (history.length == 0) revert DepartmentRegistryUnknownDepartment(department);
        return history[history.length - 1];
    }

    /// @dev The last entry recorded at or before a moment; an empty state (no capabilities) before the first one.
    function _stateAt(bytes18 department, uint64 moment) private view returns (State memory state) {
        State[] storage history = _history[department];
        for (uint256 i = history.length; i > 0; --i) {
            if (history[i - 1].since <= moment) return history[i - 1];
        }
    }

    function _holds(State memory state, uint8 capability) private pure returns (bool) {
        return (uint256(state.capabilities) >> capability) & 1 == 1;
    }

    function _wasGood(KeyLife memory life, uint64 moment) private pure returns (bool) {
        return life.from != 0 && life.from <= moment && (life.until == 0 || moment < life.until);
    }

    function _signerKey(address signer) private pure returns (bytes32) {
        return bytes32(uint256(uint160(signer)));
    }

    function _checkCapabilities(uint16 capabilities) private pure {
        if (capabilities & ~ALL_CAPABILITIES != 0) revert DepartmentRegistryUnknownCapabilities(capabilities);
    }

    function _checkSpelling(bytes18 department) private pure {
        for (uint256 i = 0; i < 18; ++i) {
            bytes1 c = department[i];
            bool digit = c >= "0" && c <= "9";
            bool capital = c >= "A" && c <= "Z";
            if (!digit && !capital) revert DepartmentRegistryInvalidDepartment(department);
        }
    }
}
