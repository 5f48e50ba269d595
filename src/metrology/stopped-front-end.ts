// SPDX-License-Identifier: Apache-2.0
import { createReading, type FrontEnd, type FrontEndFault } from "./front-end.js";

/**
 * Stands where the chip would be when the meter must not measure: no interval ever comes, and `fault` says why. Energy
 * registers keep and show what they have.
 */
export class StoppedFrontEnd implements FrontEnd {
	readonly phases: 1 | 3;
	readonly reading = createReading();
	readonly nextDeadline_ms = Infinity;
	readonly unitNumerator: number;
	readonly unitDenominator: number;
	readonly fullScaleRate = 0;
	readonly ledConstants: readonly number[];
	readonly fault: FrontEndFault;

	constructor(
		phases: 1 | 3,
		unitNumerator: number,
		unitDenominator: number,
		ledConstants: readonly number[],
		fault: FrontEndFault,
	) {
		this.phases = phases;
		this.unitNumerator = unitNumerator;
		this.unitDenominator = unitDenominator;
		this.ledConstants = ledConstants;
		this.fault = fault;
	}

	advance(): boolean {
		return false;
	}

	setLedConstant(): boolean {
		return false;
	}
}
