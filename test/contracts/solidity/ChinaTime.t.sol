// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ChinaTime} from "../../../contracts/ChinaTime.sol";
import {vm} from "./Vm.sol";

contract ChinaTimeFuzz {
    function testFuzz_AYearIsFutureUntilItBeginsInChina(uint16 year, uint32 offset) public {
        year = 1971 + (year % 3000);
        uint256 begins = _firstOfJanuary(year) - 8 hours;
        vm.warp(begins + offset);
        require(!ChinaTime.isFuture(year), "begun, yet future");
        if (begins == 0) return;
        vm.warp(begins - 1 - (offset % begins));
        require(ChinaTime.isFuture(year), "not begun, yet not future");
    }

    function testFuzz_TheYearsUntil1970AreNeverFuture(uint16 year, uint40 time) public {
        year = year % 1971;
        vm.warp(time);
        require(!ChinaTime.isFuture(year), "the past is future");
    }

    /// @dev Unix seconds, year by year.
    function _firstOfJanuary(uint256 year) private pure returns (uint256 time) {
        for (uint256 y = 1970; y < year; ++y) {
            bool leap = y % 400 == 0 || (y % 4 == 0 && y % 100 != 0);
            time += leap ? 366 days : 365 days;
        }
    }
}
