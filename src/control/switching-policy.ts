// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { Clock } from "../ports/clock.js";
import type { Random } from "../ports/random.js";
import type { ReconnectionGuard } from "./control-outcome.js";
import type { SwitchingOrder } from "./switching-order.js";

/** A command that has to come twice has to do so within this time. */
const confirmation_ms = 60_000;

/**
 * Keeps many meters from switching in the same moment (SEC-mass): what reconnects by itself after an outage or at the end of Code
 * Red waits for a random time, and a disconnection by script has to be asked for twice. A command that a client gives the
 * switch itself is never held up.
 */
export class SwitchingPolicy implements ReconnectionGuard {
	/** A client has given a command since the hold began: what was missed before is not made up for any more. */
	isOverruled = false;
	readonly #order: SwitchingOrder;
	readonly #clock: Clock;
	readonly #random: Random;
	#heldUntil_ms = 0;
	/** The script that runs, and whose it is; bits of the contacts that it, and the one before it, asked for in vain. */
	#run: object | undefined;
	#client = -1;
	#asked = 0;
	#confirmed = 0;
	/** Until when the second time counts. */
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

	/** Where there is no limiter, nothing forbids a reconnection. */
	blocksReconnection(): boolean {
		return false;
	}

	holdsReconnection(): boolean {
		return this.heldFor_s() > 0;
	}

	remotelyReconnected(): void {}

	remotelyReleased(): void {}

	/** Seconds for which a reconnection still waits; 0 while it does not. */
	heldFor_s(): number {
		return Math.max(0, Math.ceil((this.#heldUntil_ms - this.#clock.monotonic_ms()) / 1000));
	}

	/**
	 * A client asks for a disconnection by script.
	 * @param run one and the same for all actions of a script, another for the next one
	 * @param client a `clientIndex`
	 * @param contacts which, 0..15
	 * @returns true when the script has to be repeated for this to take effect
	 */
	mustRepeat(run: object, client: number, contacts: number): boolean {
		if (!this.#order.needsConfirmation) return false;
		const now_ms = this.#clock.monotonic_ms();
		if (run !== this.#run) {
			this.#run = run;
			this.#confirmed = client === this.#client && now_ms <= this.#askedUntil_ms ? this.#asked : 0;
			this.#asked = 0;
			this.#client = client;
		}
		if ((this.#confirmed & (1 << contacts)) !== 0) return false;
		this.#asked |= 1 << contacts;
		this.#askedUntil_ms = now_ms + confirmation_ms;
		return true;
	}
}
