// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IAuditLedger} from "../../../contracts/IAuditLedger.sol";
import {IDepartmentRegistry} from "../../../contracts/IDepartmentRegistry.sol";
import {Network} from "./Network.sol";
import {vm} from "./Vm.sol";

/// @dev Actors with one role each (scripts/governance.ts) try everything that governance can do, on both contracts and on
/// the manager itself, at once and by schedule.
contract GovernanceHandler is Network {
    uint64 private constant REGISTRAR = 1;
    uint64 private constant SENTINEL = 2;
    uint64 private constant GUARDIAN = 3;
    uint64 private constant STEWARD = 4;
    uint32 private constant DELAY = 1 days;

    /// @dev Registrar, sentinel, guardian, steward; the deployer, a department's signer, a stranger.
    address[7] public actors;
    uint64[7] private _roleOf = [REGISTRAR, SENTINEL, GUARDIAN, STEWARD, 99, 99, 99];

    uint256 public permitted;
    uint256 public executed;
    uint256 public refused;
    uint256 public escalations;

    constructor() {
        start(address(this), 16);
        for (uint256 i = 0; i < 7; ++i) actors[i] = address(uint160(0xac70e0 + i));
        registry.register(HOUSING, 0x3e, actors[5]);
        _appoint();
        manager.renounceRole(0, address(this));
    }

    /// @dev An actor calls a function straight away. Right is who holds its role and need not wait, or has waited already.
    function callNow(uint256 seed) external {
        seed = uint256(keccak256(abi.encode(seed)));
        (address target, bytes memory data, uint64 needed) = _operation(seed >> 8);
        (address actor, uint64 role) = _actor(seed, needed);
        bool ripe = manager.getSchedule(manager.hashOperation(actor, target, data)) != 0;
        vm.prank(actor);
        (bool done, ) = target.call(data);
        _judge(done, role == needed && (role == SENTINEL || ripe));
    }

    /// @dev An actor schedules a call, perhaps tries it too early, and executes it after the delay.
    function callLater(uint256 seed) external {
        seed = uint256(keccak256(abi.encode(seed)));
        (address target, bytes memory data, uint64 needed) = _operation(seed >> 8);
        (address actor, uint64 role) = _actor(seed, needed);
        vm.prank(actor);
        try manager.schedule(target, data, 0) {
            _judge(true, role == needed);
        } catch {
            ++refused;
            return;
        }
        if ((seed >> 128) & 1 == 0) _executeTooEarly(actor, target, data);
        vm.warp(block.timestamp + DELAY);
        vm.prank(actor);
        try manager.execute(target, data) {
            ++executed;
        } catch {
            ++refused; // by the registry: a department registered twice, a VRF key for an earlier year
        }
    }

    function rolesAreAsAppointed() external view returns (bool) {
        for (uint256 i = 0; i < 7; ++i) {
            for (uint64 role = 0; role <= STEWARD; ++role) {
                (bool holds, ) = manager.hasRole(role, actors[i]);
                if (holds != (role == _roleOf[i])) return false;
            }
        }
        (bool stillAdmin, ) = manager.hasRole(0, address(this));
        return !stillAdmin && registry.authority() == address(manager) && ledger.authority() == address(manager);
    }

    function _executeTooEarly(address actor, address target, bytes memory data) private {
        vm.warp(block.timestamp + DELAY - 1);
        vm.prank(actor);
        try manager.execute(target, data) {
            ++escalations;
        } catch {
            ++refused;
        }
    }

    function _judge(bool done, bool right) private {
        if (done && !right) ++escalations;
        if (done) ++permitted;
        else ++refused;
    }

    function _appoint() private {
        bytes4[] memory selectors = new bytes4[](5);
        selectors[0] = IDepartmentRegistry.register.selector;
        selectors[1] = IDepartmentRegistry.setCapabilities.selector;
        selectors[2] = IDepartmentRegistry.resume.selector;
        selectors[3] = IDepartmentRegistry.rotateSigner.selector;
        selectors[4] = IDepartmentRegistry.addStatementKey.selector;
        manager.setTargetFunctionRole(address(registry), selectors, REGISTRAR);
        selectors = new bytes4[](2);
        selectors[0] = IDepartmentRegistry.suspend.selector;
        selectors[1] = IDepartmentRegistry.revokeKey.selector;
        manager.setTargetFunctionRole(address(registry), selectors, SENTINEL);
        selectors = new bytes4[](1);
        selectors[0] = IDepartmentRegistry.setVrfKey.selector;
        manager.setTargetFunctionRole(address(registry), selectors, STEWARD);
        selectors[0] = IAuditLedger.retire.selector;
        manager.setTargetFunctionRole(address(ledger), selectors, STEWARD);
        manager.setRoleGuardian(REGISTRAR, GUARDIAN);
        manager.setRoleGuardian(STEWARD, GUARDIAN);
        manager.grantRole(REGISTRAR, actors[0], DELAY);
        manager.grantRole(SENTINEL, actors[1], 0);
        manager.grantRole(GUARDIAN, actors[2], 0);
        manager.grantRole(STEWARD, actors[3], DELAY);
    }

    /// @dev Half of the time whoever holds the role, if anybody does, else anybody.
    function _actor(uint256 seed, uint64 needed) private view returns (address, uint64) {
        uint256 i = needed != 0 && (seed >> 64) & 1 == 0 ? needed - 1 : seed % 7;
        return (actors[i], _roleOf[i]);
    }

    /// @dev A call, and the role that it needs: 0 is the admin of the manager, which nobody here is.
    function _operation(uint256 seed) private view returns (address, bytes memory, uint64) {
        uint256 which = seed % 16;
        address actor = actors[(seed >> 8) % 7];
        address account = address(uint160(uint256(keccak256(abi.encode(seed)))));
        if (which < 8) return _registryOperation(which, seed, account);
        if (which == 8) return (address(registry), abi.encodeCall(IAccessManaged.setAuthority, (account)), 0);
        if (which == 9) return (address(ledger), abi.encodeCall(IAccessManaged.setAuthority, (account)), 0);
        uint64 role = uint64((seed >> 16) % 5);
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = IDepartmentRegistry.register.selector;
        bytes memory data;
        if (which == 10) data = abi.encodeCall(AccessManager.grantRole, (role, actor, 0));
        if (which == 11) data = abi.encodeCall(AccessManager.revokeRole, (role, actor));
        if (which == 12) data = abi.encodeCall(AccessManager.setRoleAdmin, (role, role));
        if (which == 13) data = abi.encodeCall(AccessManager.setRoleGuardian, (role, role));
        if (which == 14) data = abi.encodeCall(AccessManager.setTargetClosed, (address(registry), true));
        if (which == 15) {
            data = abi.encodeCall(AccessManager.setTargetFunctionRole, (address(registry), selectors, role));
        }
        return (address(manager), data, 0);
    }

    function _registryOperation(
        uint256 which,
        uint256 seed,
        address account
    ) private view returns (address, bytes memory, uint64) {
        bytes18 department = bytes18(bytes.concat("11110000MA0FICT0", bytes1(uint8(65 + ((seed >> 24) % 26))), "0"));
        bytes32 key = keccak256(abi.encode(seed));
        IDepartmentRegistry r = registry;
        bytes memory data;
        if (which == 0) data = abi.encodeCall(r.register, (department, 0x3e, account));
        if (which == 1) data = abi.encodeCall(r.setCapabilities, (HOUSING, ALL));
        if (which == 2) data = abi.encodeCall(r.resume, (HOUSING));
        if (which == 3) data = abi.encodeCall(r.rotateSigner, (HOUSING, account));
        if (which == 4) data = abi.encodeCall(r.addStatementKey, (HOUSING, key));
        if (which < 5) return (address(registry), data, REGISTRAR);
        if (which == 5) return (address(registry), abi.encodeCall(r.suspend, (HOUSING)), SENTINEL);
        if (which == 6) return (address(registry), abi.encodeCall(r.revokeKey, (HOUSING, key, 1)), SENTINEL);
        return (address(registry), abi.encodeCall(r.setVrfKey, (key, uint16(2100 + (seed % 9)))), STEWARD);
    }
}

contract GovernanceInvariants {
    GovernanceHandler private _handler;

    function setUp() public {
        _handler = new GovernanceHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_NoRoleEscalates() public view {
        require(_handler.escalations() == 0, "somebody did what is not his to do");
        require(_handler.rolesAreAsAppointed(), "somebody holds a role that he was not given");
    }

    function afterInvariant() public view {
        require(
            _handler.permitted() > 0 && _handler.executed() > 0 && _handler.refused() > 0,
            "the handler did nothing"
        );
    }
}
