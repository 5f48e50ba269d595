// SPDX-License-Identifier: Apache-2.0
import Time from "time";
import type { Pace } from "../../../src/ports/pace.js";

/** Of a turn, which should not be longer than 20 ms: what is left is for deciphering, sealing and the chip. */
const share_ms = 10;

/** Measures requests by the tick of the system. */
export class TurnPace implements Pace {
	#begin = 0;

	begin(): void {
		this.#begin = Time.ticks;
	}

	get isSpent(): boolean {
		return Time.delta(this.#begin, Time.ticks) >= share_ms;
	}
}
