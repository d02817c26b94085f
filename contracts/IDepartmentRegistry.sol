// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev Capability of a department that may supersede records of other departments (复议机关, 法院, 信用修复机构).
/// Kinds 1 to 5 are capabilities of their own: APPROVAL 1, SERVICE 2, SUPERVISION 3, ENFORCEMENT 4, CREDIT 5.
uint8 constant REVIEW = 15;

/// @title Who may anchor what, with which keys, since when and until when.
/// @notice A department is its own Unified Social Credit Code: 18 ASCII characters. All times are Unix seconds of block
/// time. Nothing recorded here is ever overwritten: a change adds to the history, so that any past moment can be judged.
/// Every change goes through OpenZeppelin AccessManager, which decides who may ask for it and how long it must wait.
interface IDepartmentRegistry {
    /// @notice What held for a department from `since` until the next entry of its history.
    /// @param since Block time of the change.
    /// @param capabilities Bit k is set when the department holds capability k (a kind, or REVIEW).
    /// @param suspended While true, the department can neither anchor nor supersede.
    /// @param signer Account or ERC-1271 contract that signs its batches; zero while it has none.
    struct State {
        uint64 since;
        uint16 capabilities;
        bool suspended;
        address signer;
    }

    /// @notice Life of one key. The key is good at every moment t with from <= t, and t < until if `until` is not zero.
    /// @param from Block time at which the key was registered; zero: this key was never registered.
    /// @param until First moment at which the key is no longer good; it may lie before the moment of its recording.
    /// @param closedAt Block time at which `until` was last recorded: what was believed before, and until when.
    struct KeyLife {
        uint64 from;
        uint64 until;
        uint64 closedAt;
    }

    /// @notice The VRF public key that derives the stream keys of the years from `fromYear` on.
    /// @param key Compressed Edwards25519 point (RFC 9381, section 5.5, suite ECVRF-EDWARDS25519-SHA512-TAI).
    /// @param fromYear First calendar year (China time) of records whose streams use it.
    struct VrfKey {
        bytes32 key;
        uint16 fromYear;
    }

    /// @notice A department was entered; its capabilities and its signer follow as events of their own.
    event DepartmentRegistered(bytes18 indexed department);
    /// @notice What the department may do from now on.
    event CapabilitiesSet(bytes18 indexed department, uint16 capabilities);
    /// @notice From now on the department can neither anchor nor supersede.
    event DepartmentSuspended(bytes18 indexed department);
    /// @notice From now on it can again.
    event DepartmentResumed(bytes18 indexed department);
    /// @notice `signer` speaks for the department from now on; `previous` is zero where there was none.
    event SignerRotated(bytes18 indexed department, address indexed previous, address indexed signer);
    /// @notice The key is good from now on.
    event StatementKeyAdded(bytes18 indexed department, bytes32 indexed thumbprint);
    /// @notice The key of statements or of batches is bad from `since` on, which may lie before this event.
    event KeyRevoked(bytes18 indexed department, bytes32 indexed key, uint64 since);
    /// @notice Streams of the years from `fromYear` on are derived with this key.
    event VrfKeySet(bytes32 key, uint16 fromYear);

    /// @notice Not 18 digits or capital letters.
    error DepartmentRegistryInvalidDepartment(bytes18 department);
    /// @notice A department is entered once.
    error DepartmentRegistryAlreadyRegistered(bytes18 department);
    /// @notice No such department was entered.
    error DepartmentRegistryUnknownDepartment(bytes18 department);
    /// @notice A bit is set that means nothing.
    error DepartmentRegistryUnknownCapabilities(uint16 capabilities);
    /// @notice The department may not do this.
    error DepartmentRegistryMissingCapability(bytes18 department, uint8 capability);
    /// @notice The department is suspended.
    error DepartmentRegistrySuspended(bytes18 department);
    /// @notice There is no suspension to end.
    error DepartmentRegistryNotSuspended(bytes18 department);
    /// @notice The signer was revoked and none was appointed since.
    error DepartmentRegistryNoSigner(bytes18 department);
    /// @notice The zero address signs nothing.
    error DepartmentRegistryInvalidSigner(address signer);
    /// @notice It could be taken for the address of a signer.
    error DepartmentRegistryInvalidThumbprint(bytes32 thumbprint);
    /// @notice A key has one life, and this one has begun its.
    error DepartmentRegistryKeyUsedBefore(bytes18 department, bytes32 key);
    /// @notice The department never had this key.
    error DepartmentRegistryUnknownKey(bytes18 department, bytes32 key);
    /// @notice The key is bad since `until` already; that moment only ever moves back.
    error DepartmentRegistryRevokedEarlier(bytes18 department, bytes32 key, uint64 until);
    /// @notice Zero, or in the future.
    error DepartmentRegistryInvalidSince(uint64 since, uint64 blockTime);
    /// @notice Its streams are in use.
    error DepartmentRegistryYearHasBegun(uint16 fromYear);
    /// @notice There is a key for that year or a later one.
    error DepartmentRegistryYearNotLater(uint16 fromYear, uint16 latestFromYear);

    /// @notice Enters a department for the first time.
    /// @dev The code must be 18 digits or capital letters: a lower-case twin would be a second identity of one body.
    function register(bytes18 department, uint16 capabilities, address signer) external;

    /// @notice Replaces what a department may do. Records that it anchored before keep their standing.
    function setCapabilities(bytes18 department, uint16 capabilities) external;

    /// @notice Stops a department at once. Batches already signed but not yet mined are refused from now on.
    function suspend(bytes18 department) external;

    /// @notice Lets a suspended department work again.
    function resume(bytes18 department) external;

    /// @notice Appoints a new batch signer; the previous one is good until now. A signer never returns.
    function rotateSigner(bytes18 department, address signer) external;

    /// @notice Registers a statement key by its RFC 7638 SHA-256 thumbprint. A key never returns once revoked.
    function addStatementKey(bytes18 department, bytes32 thumbprint) external;

    /// @notice Declares a statement key, or a signer (its address left-padded to 32 bytes), bad since a past moment.
    /// @dev A later call may only move that moment further back: trust once withdrawn is not given back. Revoking the
    /// current signer leaves the department without one. What anchored batches then mean: docs/trust.md.
    /// @param since Unix seconds, not zero and not in the future.
    function revokeKey(bytes18 department, bytes32 key, uint64 since) external;

    /// @notice Sets the VRF key for the years to come.
    /// @dev Only for years that have not begun (China time): else one subject could have two secret streams in a year.
    function setVrfKey(bytes32 key, uint16 fromYear) external;

    /// @notice The signer that speaks now for the department in this capability; reverts when there is none.
    /// @param capability A kind 1 to 5, or REVIEW.
    function authorisedSigner(bytes18 department, uint8 capability) external view returns (address signer);

    /// @notice Whether a key was good for a department and a kind at a moment, as far as is known today.
    /// @dev Ask with the block time of the batch: `signedAt` lies in the power of a thief, block time does not.
    /// @param kind A kind 1 to 5, or REVIEW.
    /// @param key Statement key thumbprint, or a signer's address left-padded to 32 bytes.
    /// @param moment Unix seconds; a moment after the current block answers false.
    function wasAuthorised(bytes18 department, uint8 kind, bytes32 key, uint64 moment) external view returns (bool);

    /// @notice The life of one key of a department; all zero when it was never registered.
    function keyOf(bytes18 department, bytes32 key) external view returns (KeyLife memory);

    /// @notice Everything that ever held for a department, oldest first; empty when it is unknown.
    function historyOf(bytes18 department) external view returns (State[] memory);

    /// @notice The VRF public key of the streams of a year.
    function vrfKeyOf(uint16 year) external view returns (bytes32);
}
