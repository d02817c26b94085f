// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IAuditLedger} from "./IAuditLedger.sol";

/// @title The Merkle tree over the record hashes of a batch (docs/format.md, section 5).
/// @dev The shape of OpenZeppelin's SimpleMerkleTree with unsorted leaves: 2n - 1 nodes in one array, root at 0, children
/// of i at 2i + 1 and 2i + 2, leaf of entry i at 2n - 2 - i.
library BatchTree {
    /// @dev A leaf hashes 32 bytes and an inner node 64: to pass off an inner node as a record is to break Keccak-256.
    function leaf(bytes32 recordHash) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            mstore(0x00, recordHash)
            value := keccak256(0x00, 0x20)
        }
    }

    /// @notice The root over a batch; the batch has at least one entry.
    function root(IAuditLedger.Entry[] calldata entries) internal pure returns (bytes32) {
        unchecked {
            uint256 size = 2 * entries.length - 1;
            bytes32[] memory nodes = new bytes32[](size);
            for (uint256 i = 0; i < entries.length; ++i) nodes[size - 1 - i] = leaf(entries[i].recordHash);
            for (uint256 i = entries.length - 1; i > 0; --i) {
                nodes[i - 1] = Hashes.commutativeKeccak256(
                    Arrays.unsafeMemoryAccess(nodes, 2 * i - 1),
                    Arrays.unsafeMemoryAccess(nodes, 2 * i)
                );
            }
            return nodes[0];
        }
    }

    /// @notice Whether a path leads from a record hash to a root.
    function contains(bytes32 rootHash, bytes32 recordHash, bytes32[] calldata path) internal pure returns (bool) {
        return MerkleProof.verifyCalldata(path, rootHash, leaf(recordHash));
    }

    /// @notice keccak256 over the entries as they lie in calldata: streamKey, recordHash, streamKey, …
    function entriesHash(IAuditLedger.Entry[] calldata entries) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            let size := mul(entries.length, 0x40)
            calldatacopy(free, entries.offset, size)
            value := keccak256(free, size)
        }
    }
}
