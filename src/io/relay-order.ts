// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { relayCount } from "../ports/io-pins.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** What an auxiliary relay is for. Chosen in the order; no client changes it (F67, F70). */
export const relayFunction = Object.freeze({
	/** Follows its object 0-n:96.3.10. */
	loadControl: 0,
	/** Closed while a tariff other than 1 is in force. */
	tariff: 1,
	/** Closed while a bit is set in an alarm register and in its filter. */
	alarm: 2,
	/** Closed while a limit is exceeded that has not yet led to anything. */
	limiterWarning: 3,
});

/** What a relay of load control does when supply returns. */
export const afterPowerCut = Object.freeze({ last: 0, open: 1, closed: 2 });

export interface RelayOrder {
	/** One of `relayFunction`. */
	readonly function: number;
	/** One of `afterPowerCut`. */
	readonly afterPowerCut: number;
	/** Shortest times for which it stays closed or open, 1..255 s. */
	readonly minimumOn_s: number;
	readonly minimumOff_s: number;
}

const { loadControl } = relayFunction;

/** Unless ordered otherwise; minimum times as those of the supply switch. */
export const usualRelay: RelayOrder = Object.freeze({
	function: loadControl,
	afterPowerCut: afterPowerCut.last,
	minimumOn_s: 10,
	minimumOff_s: 10,
});

const layoutVersion = 1;
/** Octets of a relay in the record. */
export const orderOctet = Object.freeze({ function: 0, afterPowerCut: 1, minimumOn: 2, minimumOff: 3, count: 4 });
const length = 1 + relayCount * orderOctet.count;

/** What was ordered of the relays, a sealed record that was written at manufacture: `orderOctet` of each into `bytes` at `at`. */
export function readRelayOrders(store: RecordStore, bytes: Uint8Array, at: number): void {
	const record = new Uint8Array(length);
	let isThere = false;
	try {
		isThere = store.read(recordKey.relayOrders, record) === length && record[0] === layoutVersion;
	} catch (error) {
		if (!(error instanceof DeviceError)) throw error;
	}
	if (!isThere) for (let n = 0; n < relayCount; n++) encode(usualRelay, record, n);
	bytes.set(record.subarray(1), at);
}

function encode(order: RelayOrder, bytes: Uint8Array, n: number): void {
	const at = 1 + n * orderOctet.count;
	bytes[at + orderOctet.function] = order.function;
	bytes[at + orderOctet.afterPowerCut] = order.afterPowerCut;
	bytes[at + orderOctet.minimumOn] = order.minimumOn_s;
	bytes[at + orderOctet.minimumOff] = order.minimumOff_s;
}

/**
 * Manufacture: seals what was ordered of relays 1 to 3.
 * @throws RangeError for a time out of range, DeviceError when the medium refuses
 */
export function writeRelayOrders(store: RecordStore, orders: readonly RelayOrder[]): void {
	const bytes = new Uint8Array(length);
	bytes[0] = layoutVersion;
	for (let n = 0; n < relayCount; n++) {
		const order = orders[n] ?? usualRelay;
		for (const time_s of [order.minimumOn_s, order.minimumOff_s])
			if (!Number.isInteger(time_s) || time_s < 1 || time_s > 255)
				throw new RangeError(`relay ${n + 1}: minimum time of ${time_s} s`);
		encode(order, bytes, n);
	}
	store.write(recordKey.relayOrders, bytes);
}
