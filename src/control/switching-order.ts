// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { get16, put16 } from "../core/octets.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** What was ordered against the switching of many meters at once (SEC-mass). */
export interface SwitchingOrder {
	/** Longest delay of a reconnection after Code Red or an outage, drawn anew each time; 0 = none. */
	readonly longestDelay_s: number;
	/** A client's disconnection by script takes effect when it has come twice. */
	readonly needsConfirmation: boolean;
}

export const longestSwitchingDelay_s = 300;

const layoutVersion = 1;
const offset = Object.freeze({ version: 0, delay: 1, confirmation: 3, end: 4 });

/** The sealed record that was written at manufacture; undefined where nothing was ordered, or it cannot be read. */
export function readSwitchingOrder(store: RecordStore): SwitchingOrder | undefined {
	const bytes = new Uint8Array(offset.end);
	try {
		if (store.read(recordKey.switchingOrder, bytes) !== offset.end || bytes[0] !== layoutVersion) return undefined;
	} catch (error) {
		if (!(error instanceof DeviceError)) throw error;
		return undefined;
	}
	return { longestDelay_s: get16(bytes, offset.delay), needsConfirmation: bytes[offset.confirmation] === 1 };
}

/**
 * Manufacture: seals what was ordered.
 * @throws RangeError for a delay out of range, DeviceError when the medium refuses
 */
export function writeSwitchingOrder(store: RecordStore, order: SwitchingOrder): void {
	const { longestDelay_s, needsConfirmation } = order;
	if (!Number.isInteger(longestDelay_s) || longestDelay_s < 0 || longestDelay_s > longestSwitchingDelay_s)
		throw new RangeError(`switching: a delay of ${longestDelay_s} s`);
	const bytes = new Uint8Array(offset.end);
	bytes[offset.version] = layoutVersion;
	put16(bytes, offset.delay, longestDelay_s);
	bytes[offset.confirmation] = needsConfirmation ? 1 : 0;
	store.write(recordKey.switchingOrder, bytes);
}
