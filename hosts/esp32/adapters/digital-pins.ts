// SPDX-License-Identifier: Apache-2.0
import Digital from "embedded:io/digital";
import type { InputPin } from "../../../src/ports/bus.js";

/** An input. GPIO 34 to 39 have no pull-up of their own: the board has one. */
export class DigitalInput implements InputPin {
	readonly #pin: Digital;

	constructor(pin: number) {
		this.#pin = new Digital({ pin, mode: Digital.Input });
	}

	read(): 0 | 1 {
		return this.#pin.read();
	}
}

/** Calls `onFalling` after the input went low; from the event loop, never inside another task. */
export class FallingEdge {
	readonly #pin: Digital;

	constructor(pin: number, onFalling: () => void) {
		this.#pin = new Digital({ pin, mode: Digital.Input, edge: Digital.Falling, onReadable: onFalling });
	}

	/** True while the level is low. */
	get isLow(): boolean {
		return this.#pin.read() === 0;
	}
}
