// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The least that anchors anything: a Merkle root computed elsewhere. It proves that a record existed; whether the
/// root is that of any records, and what else there is about a subject, the chain does not know.
contract BareRoots {
    mapping(address signer => bytes18 department) private _departments;
    mapping(bytes18 department => uint64) private _lastSequence;

    event RootAnchored(bytes18 indexed department, uint64 indexed sequence, bytes32 root);

    error BareRootsUnknownSigner(address signer);

    constructor(address signer, bytes18 department) {
        _departments[signer] = department;
    }

    function anchor(bytes32 root) external {
        bytes18 department = _departments[msg.sender];
        if (department == 0) revert BareRootsUnknownSigner(msg.sender);
        emit RootAnchored(department, ++_lastSequence[department], root);
    }
}
