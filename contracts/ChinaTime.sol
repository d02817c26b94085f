// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Calendar years in China time (UTC+8, no daylight saving).
library ChinaTime {
    /// @dev Days from 1 January of year 1 to 1 January 1970 in the proleptic Gregorian calendar.
    uint256 private constant EPOCH = 719_162;

    /// @notice Whether a year has not yet begun in China at the time of the block.
    function isFuture(uint16 year) internal view returns (bool) {
        return year > 1970 && block.timestamp + 8 hours < _begins(year);
    }

    /// @dev Unix seconds of 1 January, 00:00, as if China time were UTC. The year is after 1970.
    function _begins(uint256 year) private pure returns (uint256) {
        uint256 past = year - 1;
        return (past * 365 + past / 4 - past / 100 + past / 400 - EPOCH) * 1 days;
    }
}
