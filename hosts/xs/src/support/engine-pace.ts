// SPDX-License-Identifier: Apache-2.0
import type { Pace } from "../../../../src/ports/pace.js";

/** As on the board half of a turn, counted in byte codes. */
const share_computrons = 20_000;

export class EnginePace implements Pace {
	#begin = 0;

	begin(): void {
		this.#begin = computrons();
	}

	get isSpent(): boolean {
		return computrons() - this.#begin >= share_computrons;
	}
}
