// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDepartmentRegistry} from "../../../contracts/IDepartmentRegistry.sol";
import {Network} from "./Network.sol";
import {RegistryHandler} from "./RegistryHandler.sol";
import {vm} from "./Vm.sol";

contract DepartmentRegistryInvariants {
    RegistryHandler private _handler;

    function setUp() public {
        _handler = new RegistryHandler();
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    function invariant_ThePastAnswersAsTheDiaryDoes() public view {
        require(_handler.wrongAnswers() == 0, "the registry and the diary differ");
    }

    function afterInvariant() public view {
        require(_handler.changes() > 0 && _handler.questions() > 0, "the handler did nothing");
    }
}

contract DepartmentRegistryFuzz is Network {
    function setUp() public {
        start(address(this), 16);
    }

    function testFuzz_OnlyDigitsAndCapitalsNameADepartment(bytes18 department, uint8 position, bytes1 letter) public {
        bytes memory code = abi.encodePacked(HOUSING);
        code[position % 18] = letter;
        bytes18 changed = bytes18(bytes32(code));
        bool good = (letter >= 0x30 && letter <= 0x39) || (letter >= 0x41 && letter <= 0x5a);
        if (!good) _expectInvalid(changed);
        registry.register(changed, 0x3e, address(1));
        require(!good || registry.historyOf(changed).length == 1, "not registered");
        require(registry.historyOf(department).length == 0 || department == changed, "another one registered");
    }

    function testFuzz_OnlyKnownCapabilitiesAreTaken(uint16 capabilities) public {
        if (capabilities & ~ALL != 0) {
            vm.expectRevert(
                abi.encodeWithSelector(IDepartmentRegistry.DepartmentRegistryUnknownCapabilities.selector, capabilities)
            );
        }
        registry.register(HOUSING, capabilities, address(1));
    }

    function testFuzz_NothingIsKnownOfTheFutureOrTheUnknown(bytes18 department, bytes32 key, uint64 moment) public {
        registry.register(HOUSING, ALL, address(1));
        bytes32 signer = bytes32(uint256(1));
        require(registry.wasAuthorised(HOUSING, 4, signer, uint64(NOON)), "known now");
        require(!registry.wasAuthorised(HOUSING, 4, signer, uint64(NOON) - 1), "before it was registered");
        require(!registry.wasAuthorised(HOUSING, 4, signer, uint64(NOON) + 1), "future");
        require(key == signer || !registry.wasAuthorised(HOUSING, 4, key, moment), "unknown key");
        require(department == HOUSING || !registry.wasAuthorised(department, 4, signer, moment), "unknown department");
    }

    function testFuzz_VrfKeysServeTheirYears(uint16 first, uint16 second, uint16 asked) public {
        vm.assume(first > 2026 && second > first);
        registry.setVrfKey("first", first);
        registry.setVrfKey("second", second);
        bytes32 expected =
            asked < first
                ? bytes32("vrf")
                : asked < second
                    ? bytes32("first")
                    : bytes32("second");
        require(registry.vrfKeyOf(asked) == expected, "VRF key");
    }

    function _expectInvalid(bytes18 department) private {
        vm.expectRevert(
            abi.encodeWithSelector(IDepartmentRegistry.DepartmentRegistryInvalidDepartment.selector, department)
        );
    }
}
