// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What is usually written first: one slot for each record. It proves that a record existed, no history.
contract NaiveRegistry {
    struct Record {
        bytes18 department;
        uint8 kind;
        uint16 year;
        uint64 recordedAt;
    }

    mapping(address signer => bytes18 department) private _departments;
    mapping(bytes32 recordHash => Record) private _records;

    event RecordAdded(bytes18 indexed department, bytes32 indexed recordHash, uint8 kind, uint16 year);

    error NaiveRegistryUnknownSigner(address signer);
    error NaiveRegistryRecordExists(bytes32 recordHash);

    constructor(address signer, bytes18 department) {
        _departments[signer] = department;
    }

    function add(uint8 kind, uint16 year, bytes32[] calldata recordHashes) external {
        bytes18 department = _departments[msg.sender];
        if (department == 0) revert NaiveRegistryUnknownSigner(msg.sender);
        for (uint256 i = 0; i < recordHashes.length; ++i) {
            bytes32 recordHash = recordHashes[i];
            if (_records[recordHash].recordedAt != 0) revert NaiveRegistryRecordExists(recordHash);
            _records[recordHash] = Record(department, kind, year, uint64(block.timestamp));
            emit RecordAdded(department, recordHash, kind, year);
        }
    }
}
