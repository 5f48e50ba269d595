// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { Clock } from "../ports/clock.js";
import type { Random } from "../ports/random.js";
import type { SwitchingOrder } from "./switching-order.js";

/** A command that has to come twice has to do so within this time. */
const confirmation_ms = 60_000;

/**
 * Keeps many meters from switching in the same moment (SEC-mass): what reconnects by itself after an outage or at the end of Code
 * Red waits for a random time, and a disconnection by script has to be asked for twice. A command that a client gives the
 * switch itself is never held up.
 */
export class SwitchingPolicy {
	/** A client has given a command since the hold began: what was missed before is not made up for any more. */
	isOverruled = false;
	readonly #order: SwitchingOrder;
	readonly #clock: Clock;
	readonly #random: Random;
	#heldUntil_ms = 0;
	/** Client and command that have come once, and until when the second time counts. */
	#asked = -1;
	#askedUntil_ms = 0;

	/** The supply has just returned. */
	constructor(order: SwitchingOrder, clock: Clock, random: Random) {
		this.#order = order;
		this.#clock = clock;
		this.#random = random;
		this.hold();
	}

	/** Begins a hold of random length. */
	hold(): void {
		const { longestDelay_s } = this.#order;
		const drawn = new Uint8Array(4);
		let share = 1;
		try {
			this.#random.fill(drawn);
			share = new DataView(drawn.buffer).getUint32(0) / 2 ** 32;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // without random numbers it is the longest
		}
		this.isOverruled = false;
		this.#heldUntil_ms = this.#clock.monotonic_ms() + Math.round(share * longestDelay_s * 1000);
	}

	/** Seconds for which a reconnection still waits; 0 while it does not. */
	heldFor_s(): number {
		return Math.max(0, Math.ceil((this.#heldUntil_ms - this.#clock.monotonic_ms()) / 1000));
	}

	/**
	 * A client asks for a disconnection by script.
	 * @param client a `clientIndex`
	 * @param command which contacts, 0..15
	 * @returns true when it has to be repeated to take effect
	 */
	mustRepeat(client: number, command: number): boolean {
		if (!this.#order.needsConfirmation) return false;
		const now_ms = this.#clock.monotonic_ms();
		const asked = 16 * client + command;
		const isSecond = this.#asked === asked && now_ms <= this.#askedUntil_ms;
		this.#asked = isSecond ? -1 : asked;
		this.#askedUntil_ms = now_ms + confirmation_ms;
		return !isSecond;
	}
}
