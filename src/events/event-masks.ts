// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { logCleared, standardEvent } from "./event-codes.js";
import { eventLog } from "./event-sink.js";

const layoutVersion = 1;
const logCount = Object.keys(eventLog).length;

/** Octets of the mask of one log: a bit for each code, that of code 0 the most significant of the first octet. */
export const maskLength = 32;
/** Octets of the masks of all logs, in the order of `eventLog`. */
export const masksLength: number = logCount * maskLength;

/** Which events are written to the logs (0-0:96.50.30). Alarms and errors do not depend on it. */
export class EventMasks {
	readonly #store: RecordStore;
	/** Undefined while everything is enabled, as from the factory. */
	#masks: Uint8Array | undefined;

	constructor(store: RecordStore) {
		this.#store = store;
		const record = new Uint8Array(1 + masksLength);
		if (store.read(recordKey.eventMasks, record) === record.length && record[0] === layoutVersion)
			this.#masks = record.slice(1);
	}

	/** @param log one of `eventLog`, @param code 0..255 */
	isEnabled(log: number, code: number): boolean {
		return this.#masks === undefined || isSet(this.#masks, log, code);
	}

	/** Fills `into` (`masksLength` octets). */
	copy(into: Uint8Array): void {
		if (this.#masks === undefined) into.fill(0xff);
		else into.set(this.#masks);
	}

	/**
	 * @param masks `masksLength` octets; copied
	 * @returns false, unchanged, when they would hide that a log was cleared or a parameter changed
	 * @throws DeviceError, unchanged
	 */
	replace(masks: Uint8Array): boolean {
		for (let log = 0; log < logCount; log++) if (!isSet(masks, log, logCleared)) return false;
		if (!isSet(masks, eventLog.standard, standardEvent.parameterChanged)) return false;
		const record = new Uint8Array(1 + masksLength);
		record[0] = layoutVersion;
		record.set(masks, 1);
		this.#store.write(recordKey.eventMasks, record);
		this.#masks = record.slice(1);
		return true;
	}
}

function isSet(masks: Uint8Array, log: number, code: number): boolean {
	return ((masks[log * maskLength + (code >> 3)]! >> (7 - (code & 7))) & 1) === 1;
}
