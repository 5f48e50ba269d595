// SPDX-License-Identifier: Apache-2.0
import { firstRelayLine, type IoPins } from "../../../../src/ports/io-pins.js";

/** Inputs without voltage, and relays that do what they are told. */
export class IdleIo implements IoPins {
	#lines = 0;

	inputs(): number {
		return 0;
	}

	drive(lines: number): void {
		this.#lines = lines;
	}

	closedRelays(): number {
		return this.#lines >> firstRelayLine;
	}
}
