// SPDX-License-Identifier: Apache-2.0
import { controlState } from "../control/disconnect-transitions.js";
import { DeviceError } from "../core/device-error.js";
import { optionBit } from "../models/model.js";
import { relayCount } from "../ports/io-pins.js";
import { recordKey } from "../storage/keys.js";
import type { IoParts } from "./io-parts.js";
import { orderOctet, readRelayOrders } from "./relay-order.js";

const layoutVersion = 1;
const defaultMode = 4;
/** Per relay in the record; `event` is what its move gives when the contacts have followed, 0 = none under way. */
export const relayOctet = Object.freeze({ state: 0, mode: 1, flags: 2, event: 3, before: 4, count: 5 });
const length = 1 + relayCount * relayOctet.count;
/** Attempts of the move that is under way, and what was ordered, by relay; behind the record. */
const firstAttempts = length;
const firstOrder = firstAttempts + relayCount;
/** Bits of the flags in which an order lies that waits for the relay. */
const keptShift = 4;
const keptMask = 0x70;
export const relayFlag = Object.freeze({
	failed: 1,
	/** Opened by a function of the meter, which may forbid to close it again. */
	local: 2,
});

/** Option that relay n (0-based) is ordered with. */
export const relayOptions: readonly number[] = Object.freeze([optionBit.relay_1, optionBit.relay_2, optionBit.relay_3]);

/** State and order of the auxiliary relays (0-based); the state is one record of the journal. */
export class RelayRecord {
	readonly #parts: IoParts;
	readonly #bytes = new Uint8Array(firstOrder + relayCount * orderOctet.count);

	constructor(parts: IoParts) {
		this.#parts = parts;
		let isStored = false;
		try {
			isStored = parts.journal.read(recordKey.relays, this.#bytes) === length && this.#bytes[0] === layoutVersion;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (!isStored) {
			this.#bytes.fill(0);
			this.#bytes[0] = layoutVersion;
		}
		readRelayOrders(parts.parameters, this.#bytes, firstOrder);
		for (let n = 0; n < relayCount && !isStored; n++) {
			this.put(n, relayOctet.state, controlState.connected);
			this.put(n, relayOctet.mode, defaultMode);
		}
	}

	/** @param n 0-based */
	isFitted(n: number): boolean {
		return (this.#parts.model.options & relayOptions[n]!) !== 0;
	}

	/** @param which one of `orderOctet` */
	ordered(n: number, which: number): number {
		return this.#bytes[firstOrder + n * orderOctet.count + which]!;
	}

	/** @param which one of `relayOctet` */
	get(n: number, which: number): number {
		return this.#bytes[1 + n * relayOctet.count + which]!;
	}

	put(n: number, which: number, value: number): void {
		this.#bytes[1 + n * relayOctet.count + which] = value;
	}

	/** @param which one of `relayFlag` */
	has(n: number, which: number): boolean {
		return (this.get(n, relayOctet.flags) & which) !== 0;
	}

	set(n: number, which: number, isSet: boolean): void {
		const flags = this.get(n, relayOctet.flags);
		this.put(n, relayOctet.flags, isSet ? flags | which : flags & ~which);
	}

	/** Order of a schedule, calendar or monitor that waits for the relay: `noOrder`, or its trigger and one. */
	kept(n: number): number {
		return (this.get(n, relayOctet.flags) & keptMask) >> keptShift;
	}

	keep(n: number, order: number): void {
		this.put(n, relayOctet.flags, (this.get(n, relayOctet.flags) & ~keptMask) | (order << keptShift));
	}

	/** Attempts of the move that is under way. */
	attempts(n: number): number {
		return this.#bytes[firstAttempts + n]!;
	}

	setAttempts(n: number, attempts: number): void {
		this.#bytes[firstAttempts + n] = attempts;
	}

	/** @throws DeviceError, with nothing of the relay changed */
	change(n: number, apply: () => void): void {
		const at = 1 + n * relayOctet.count;
		const before = this.#bytes.slice(at, at + relayOctet.count);
		apply();
		try {
			this.save();
		} catch (error) {
			this.#bytes.set(before, at);
			throw error;
		}
	}

	/** @throws DeviceError when the medium refuses */
	save(): void {
		this.#parts.journal.write(recordKey.relays, this.#bytes, length);
	}

	/** The same, where a refusal is only told. */
	trySave(): void {
		try {
			this.save();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#parts.events.memoryFailed();
		}
	}
}
