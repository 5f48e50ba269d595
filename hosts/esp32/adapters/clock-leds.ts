// SPDX-License-Identifier: Apache-2.0
import Digital from "embedded:io/digital";
import type { TestLeds } from "../../../src/ports/test-leds.js";

/**
 * Lets the square wave of the clock part through to the test LEDs: a gate before each LED has it, as long as its pin is high,
 * beside the pulse output of the measuring chip. There is no timer for impulses of the processor's own.
 */
export class ClockLeds implements TestLeds {
	readonly #gates: readonly Digital[];

	/** @param pins GPIO of the gates of both LEDs */
	constructor(pins: readonly number[]) {
		this.#gates = pins.map((pin) => new Digital({ pin, mode: Digital.Output, initialValue: 0 }));
	}

	setClock(n: number, isOn: boolean): void {
		this.#gates[n]!.write(isOn ? 1 : 0);
	}
}
