// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import type { ModelDescriptor } from "../models/model.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** Impulses per kWh (kvarh, kVAh) that a meter can be set to (F48). */
export const ledConstants: readonly number[] = Object.freeze([500, 1000, 2000, 5000, 10_000]);

/** Light and dark at least 0.2 ms each (IEC 62052-11, optical test output). */
const greatestRate_Hz = 2500;
/** The output must keep up with this multiple of the maximum current. */
const overload = 1.2;

/** Whether `constant` is in the list and slow enough for the output at 1.2 times the maximum current. */
export function isLedConstantListed(model: ModelDescriptor, constant: number): boolean {
	const power_W = (overload * model.phases * model.nominalVoltage_V * model.maximumCurrent_mA) / 1000;
	return ledConstants.includes(constant) && (power_W * constant) / 3_600_000 <= greatestRate_Hz;
}

/** Layout: version 1 · model · constant (2) · CRC-32. */
const version = 1;
const length = 8;
const checksumAt = 4;

/**
 * Reads the sealed constant of the test outputs.
 * @returns that of the model where none has been set; undefined when the record cannot be used
 */
export function readLedConstant(store: RecordStore, model: ModelDescriptor): number | undefined {
	const bytes = new Uint8Array(length);
	let found: number;
	try {
		found = store.read(recordKey.ledConstant, bytes);
	} catch {
		return undefined;
	}
	if (found < 0) return model.ledConstant;
	const view = new DataView(bytes.buffer);
	const isSound =
		bytes[0] === version && bytes[1] === model.bit && view.getUint32(checksumAt) === crc32(bytes, 0, checksumAt);
	const constant = view.getUint16(2);
	return found === length && isSound && isLedConstantListed(model, constant) ? constant : undefined;
}

/** @throws DeviceError when the medium refuses */
export function writeLedConstant(store: RecordStore, model: ModelDescriptor, constant: number): void {
	const bytes = new Uint8Array(length);
	const view = new DataView(bytes.buffer);
	bytes[0] = version;
	bytes[1] = model.bit;
	view.setUint16(2, constant);
	view.setUint32(checksumAt, crc32(bytes, 0, checksumAt));
	store.write(recordKey.ledConstant, bytes);
}
