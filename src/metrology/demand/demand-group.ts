// SPDX-License-Identifier: Apache-2.0
import type { Stamp } from "./stamp.js";

/** What demand registers (class_id 5) of one averaging scheme have in common. */
export interface DemandGroup {
	readonly period_s: number;
	readonly periods: number;
	/** capture_time: of the last averages. */
	readonly captured: Stamp;
	/** Fills `into` with start_time_current. */
	started(into: Stamp): Stamp;
	/** @returns false, unchanged, for another period than those allowed. @throws DeviceError, unchanged */
	setPeriod(period_s: number): boolean;
	/** @returns false, unchanged, unless 1..15. @throws DeviceError, unchanged */
	setPeriods(periods: number): boolean;
	/** Method 1: both averages are zero, a new period begins. */
	reset(): void;
	/** Method 2: closes the running period early. */
	nextPeriod(): void;
}
