// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Network} from "./Network.sol";
import {vm} from "./Vm.sol";

/// @dev Changes a department at random and keeps a diary: for each day and key, written out, what is now believed of it.
/// Revoking rewrites the diary from the given day on; all else writes today's page only.
contract RegistryHandler is Network {
    uint256 private constant KEYS = 6;

    uint256 public today = 1;
    mapping(uint256 day => uint16) private _capabilities;
    mapping(uint256 day => bool) private _suspended;
    mapping(uint256 day => mapping(bytes32 key => bool)) private _good;
    mapping(bytes32 key => bool) private _usedBefore;
    /// @dev First day from which the key is closed; 0: never closed.
    mapping(bytes32 key => uint256 day) private _closedOn;
    address private _signer;

    uint256 public changes;
    uint256 public questions;
    uint256 public wrongAnswers;

    constructor() {
        start(address(this), 16);
        _signer = address(uint160(uint256(_key(0))));
        registry.register(HOUSING, ALL, _signer);
        _capabilities[today] = ALL;
        _open(_key(0));
    }

    function setCapabilities(uint256 seed) external {
        uint16 capabilities = uint16(seed) & ALL;
        registry.setCapabilities(HOUSING, capabilities);
        _capabilities[today] = capabilities;
        _turnPage();
    }

    function suspendOrResume() external {
        if (_suspended[today]) registry.resume(HOUSING);
        else registry.suspend(HOUSING);
        _suspended[today] = !_suspended[today];
        _turnPage();
    }

    function rotateSigner(uint256 seed) external {
        bytes32 key = _key(seed % (KEYS / 2));
        address signer = address(uint160(uint256(key)));
        try registry.rotateSigner(HOUSING, signer) {
            if (_usedBefore[key]) ++wrongAnswers;
            if (_signer != address(0)) _close(_signerKey(), today);
            _signer = signer;
            _open(key);
        } catch {
            if (!_usedBefore[key]) ++wrongAnswers;
        }
        _turnPage();
    }

    function addStatementKey(uint256 seed) external {
        bytes32 key = _key(KEYS / 2 + (seed % (KEYS / 2)));
        try registry.addStatementKey(HOUSING, key) {
            if (_usedBefore[key]) ++wrongAnswers;
            _open(key);
        } catch {
            if (!_usedBefore[key]) ++wrongAnswers;
        }
        _turnPage();
    }

    function revokeKey(uint256 seed) external {
        bytes32 key = _key(seed % KEYS);
        uint256 day = 1 + ((seed >> 64) % today);
        bool tightens = _usedBefore[key] && (_closedOn[key] == 0 || day < _closedOn[key]);
        try registry.revokeKey(HOUSING, key, _time(day)) {
            if (!tightens) ++wrongAnswers;
            _close(key, day);
            if (key == _signerKey()) _signer = address(0);
        } catch {
            if (tightens) ++wrongAnswers;
        }
        _turnPage();
    }

    function ask(uint256 seed) external {
        uint256 day = 1 + (seed % today);
        bytes32 key = _key((seed >> 64) % KEYS);
        uint8 capability = uint8((seed >> 128) % 17);
        bool expected = (_capabilities[day] >> capability) & 1 == 1 && !_suspended[day] && _good[day][key];
        uint64 moment = _time(day) + uint64((seed >> 192) % 1 days);
        if (moment > block.timestamp) moment = uint64(block.timestamp);
        ++questions;
        if (registry.wasAuthorised(HOUSING, capability, key, moment) != expected) ++wrongAnswers;
    }

    /// @dev What stands on a day holds until the next one.
    function _turnPage() private {
        ++changes;
        vm.warp(_time(today + 1));
        for (uint256 i = 0; i < KEYS; ++i) _good[today + 1][_key(i)] = _good[today][_key(i)];
        _capabilities[today + 1] = _capabilities[today];
        _suspended[today + 1] = _suspended[today];
        ++today;
    }

    function _open(bytes32 key) private {
        _good[today][key] = true;
        _usedBefore[key] = true;
    }

    function _close(bytes32 key, uint256 day) private {
        for (uint256 d = day; d <= today; ++d) _good[d][key] = false;
        _closedOn[key] = day;
    }

    function _signerKey() private view returns (bytes32) {
        return bytes32(uint256(uint160(_signer)));
    }

    /// @dev The first half are addresses, the second thumbprints.
    function _key(uint256 i) private pure returns (bytes32) {
        return i < KEYS / 2 ? bytes32(0xbeef00 + i) : keccak256(abi.encode("statement key", i));
    }

    function _time(uint256 day) private pure returns (uint64) {
        return uint64(NOON + (day - 1) * 1 days);
    }
}
