// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {AuditLedger} from "../../../contracts/AuditLedger.sol";
import {DepartmentRegistry} from "../../../contracts/DepartmentRegistry.sol";
import {IAuditLedger} from "../../../contracts/IAuditLedger.sol";
import {vm} from "./Vm.sol";

/// @dev A small network: two departments, the governor of everything, and signatures made as docs/format.md says them,
/// without a line of the contracts under test.
abstract contract Network {
    uint16 internal constant ALL = 0x803e;
    bytes18 internal constant HOUSING = "11110000MA0FICT01A";
    bytes18 internal constant COURT = "11110000MA0FICT02B";
    uint256 internal constant HOUSING_KEY = 0xa11ce;
    uint256 internal constant COURT_KEY = 0xc0047;
    /// @dev 22 November 2026, 12:00 in Beijing.
    uint256 internal constant NOON = 1_795_320_000;
    uint256 internal constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    AccessManager internal manager;
    DepartmentRegistry internal registry;
    AuditLedger internal ledger;

    function start(address governor, uint16 prefixBits) internal {
        vm.warp(NOON);
        manager = new AccessManager(governor);
        registry = new DepartmentRegistry(address(manager), "vrf");
        ledger = new AuditLedger(registry, prefixBits);
    }

    function keyOf(bytes18 department) internal pure returns (uint256) {
        return department == HOUSING ? HOUSING_KEY : COURT_KEY;
    }

    function domain(address verifyingContract) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                    keccak256("Quanlian AuditLedger"),
                    keccak256("1"),
                    block.chainid,
                    verifyingContract
                )
            );
    }

    function batchDigest(
        address verifyingContract,
        bytes18 department,
        uint8 kind,
        uint16 year,
        uint64 sequence,
        IAuditLedger.Entry[] memory entries
    ) internal view returns (bytes32) {
        bytes memory packed;
        for (uint256 i = 0; i < entries.length; ++i) {
            packed = bytes.concat(packed, entries[i].streamKey, entries[i].recordHash);
        }
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Batch(bytes18 department,uint8 kind,uint16 year,uint64 sequence,bytes32 entriesHash)"),
                department,
                kind,
                year,
                sequence,
                keccak256(packed)
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain(verifyingContract), structHash));
    }

    function supersessionDigest(
        bytes18 department,
        bytes32 recordHash,
        bytes18 by,
        bytes32 successor,
        uint8 reason
    ) internal view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "Supersession(bytes18 department,bytes32 recordHash,bytes18 by,bytes32 successor,uint8 reason)"
                ),
                department,
                recordHash,
                by,
                successor,
                reason
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain(address(ledger)), structHash));
    }

    function signed(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev A batch of pseudo-random records; each stream key is one of `streams`.
    function someEntries(
        uint256 seed,
        uint256 count,
        bytes32[] memory streams
    ) internal pure returns (IAuditLedger.Entry[] memory entries) {
        entries = new IAuditLedger.Entry[](count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 random = uint256(keccak256(abi.encode(seed, i)));
            entries[i] = IAuditLedger.Entry(streams[random % streams.length], bytes32(random));
        }
    }

    function anchorSigned(
        bytes18 department,
        uint8 kind,
        uint16 year,
        IAuditLedger.Entry[] memory entries
    ) internal returns (uint64 sequence) {
        sequence = ledger.nextSequence(department);
        bytes32 digest = batchDigest(address(ledger), department, kind, year, sequence, entries);
        ledger.anchor(department, kind, year, sequence, entries, signed(keyOf(department), digest));
    }
}
