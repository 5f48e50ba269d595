// SPDX-License-Identifier: Apache-2.0
import { channel } from "../../grid/terminals.js";
import type { RegisterFile } from "./register-file.js";
import { address } from "./register-map.js";

/** IPEAK and VPEAK count the DSP code divided by this. */
const peakDivisor = 32;
const valueMask = 0xff_ffff;

/** Keeps the greatest instantaneous values since the last reading, and which phases had them. */
export class PeakRegisters {
	readonly #registers: RegisterFile;

	constructor(registers: RegisterFile) {
		this.#registers = registers;
	}

	/** @param crestOf greatest |code| of a channel; may give 0 when that does not exceed its second argument */
	merge(crestOf: (c: number, atLeast: number) => number): void {
		const selected = (this.#registers.values[address.config3]! >> 2) & 7;
		if (selected === 0) return;
		this.#mergeOne(address.ipeak, channel.i1, selected, crestOf);
		this.#mergeOne(address.vpeak, channel.u1, selected, crestOf);
	}

	#mergeOne(at: number, first: number, selected: number, crestOf: (c: number, atLeast: number) => number): void {
		const v = this.#registers.values;
		for (let p = 0; p < 3; p++) {
			if (((selected >> p) & 1) === 0) continue;
			const present = v[at]! & valueMask;
			const crest = Math.min(valueMask, Math.floor(crestOf(first + p, present * peakDivisor) / peakDivisor));
			if (crest > present) v[at] = crest | (1 << (24 + p));
			else if (crest === present && crest > 0) v[at]! |= 1 << (24 + p);
		}
	}
}
