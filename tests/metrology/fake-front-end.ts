// SPDX-License-Identifier: Apache-2.0
import { createReading, energyIndex, type FrontEnd, type FrontEndFault } from "../../src/metrology/front-end.js";
import type { ModelDescriptor } from "../../src/models/model.js";

/** A front end that delivers what a test puts into `reading`, once per second, 1 code = 1 mW · s. */
export class FakeFrontEnd implements FrontEnd {
	readonly phases: 1 | 3;
	readonly reading = createReading();
	readonly unitNumerator = 360_000; // 0.1 Wh = 360 J = 360 000 mW s
	readonly unitDenominator = 1;
	readonly fullScaleRate = 100_000_000; // 100 kW
	readonly ledConstants = [1000, 1000, 1000];
	fault: FrontEndFault = "";
	nextDeadline_ms = 1000;
	isSilent = false;

	constructor(model: ModelDescriptor) {
		this.phases = model.phases;
	}

	set(phase: number, power_mW: number, reactive_mvar: number, apparent_mVA: number): void {
		this.reading.energy_codes[energyIndex.active + phase - 1] = power_mW;
		this.reading.energy_codes[energyIndex.reactive + phase - 1] = reactive_mvar;
		this.reading.energy_codes[energyIndex.apparent + phase - 1] = apparent_mVA;
	}

	setLedConstant(constant: number, quantity: number): boolean {
		this.ledConstants[quantity] = constant;
		return true;
	}

	advance(now_ms: number): boolean {
		if (now_ms < this.nextDeadline_ms) return false;
		this.nextDeadline_ms = now_ms + 1000;
		this.reading.duration_ms = 1000;
		this.reading.rms_ms = 1000;
		return !this.isSilent;
	}
}
