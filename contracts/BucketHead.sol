// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Buckets and their running hashes (docs/format.md, section 4).
library BucketHead {
    /// @notice The first `prefixBits` (at most 256) bits of a stream key as an unsigned integer; 0 when prefixBits is 0.
    function bucketOf(bytes32 streamKey, uint256 prefixBits) internal pure returns (uint256) {
        unchecked {
            return uint256(streamKey) >> (256 - prefixBits);
        }
    }

    /// @notice keccak256 over head, stream key and record hash.
    function extend(bytes32 head, bytes32 streamKey, bytes32 recordHash) internal pure returns (bytes32 value) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, head)
            mstore(add(free, 0x20), streamKey)
            mstore(add(free, 0x40), recordHash)
            value := keccak256(free, 0x60)
        }
    }
}
