// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { get16, put16 } from "../core/octets.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** What was ordered for the supply switch, and against the switching of many meters at once (SEC-mass). */
export interface SwitchingOrder {
	/** Longest delay of a reconnection after Code Red or an outage, drawn anew each time; 0 = none. */
	readonly longestDelay_s: number;
	/** A client's disconnection by script takes effect when it has come twice. */
	readonly needsConfirmation: boolean;
	/** The supply switch stays open while the terminal cover is open. */
	readonly staysOpenUncovered: boolean;
	/** The supply switch opens above Imax too, at once. */
	readonly breaksOverload: boolean;
}

export const longestSwitchingDelay_s = 300;

/** Version 1 knew the first flag only. */
const layoutVersion = 2;
const offset = Object.freeze({ version: 0, delay: 1, flags: 3, end: 4 });
const flag = Object.freeze({ confirmation: 1, uncovered: 2, overload: 4 });

/** The sealed record that was written at manufacture; undefined where nothing was ordered, or it cannot be read. */
export function readSwitchingOrder(store: RecordStore): SwitchingOrder | undefined {
	const bytes = new Uint8Array(offset.end);
	try {
		if (store.read(recordKey.switchingOrder, bytes) !== offset.end) return undefined;
	} catch (error) {
		if (!(error instanceof DeviceError)) throw error;
		return undefined;
	}
	const version = bytes[offset.version]!;
	if (version < 1 || version > layoutVersion) return undefined;
	const flags = version === 1 ? bytes[offset.flags]! & flag.confirmation : bytes[offset.flags]!;
	return {
		longestDelay_s: get16(bytes, offset.delay),
		needsConfirmation: (flags & flag.confirmation) !== 0,
		staysOpenUncovered: (flags & flag.uncovered) !== 0,
		breaksOverload: (flags & flag.overload) !== 0,
	};
}

/**
 * Manufacture: seals what was ordered.
 * @throws RangeError for a delay out of range, DeviceError when the medium refuses
 */
export function writeSwitchingOrder(store: RecordStore, order: SwitchingOrder): void {
	const { longestDelay_s } = order;
	if (!Number.isInteger(longestDelay_s) || longestDelay_s < 0 || longestDelay_s > longestSwitchingDelay_s)
		throw new RangeError(`switching: a delay of ${longestDelay_s} s`);
	const bytes = new Uint8Array(offset.end);
	bytes[offset.version] = layoutVersion;
	put16(bytes, offset.delay, longestDelay_s);
	if (order.needsConfirmation) bytes[offset.flags]! |= flag.confirmation;
	if (order.staysOpenUncovered) bytes[offset.flags]! |= flag.uncovered;
	if (order.breaksOverload) bytes[offset.flags]! |= flag.overload;
	store.write(recordKey.switchingOrder, bytes);
}
