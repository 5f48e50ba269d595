// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import type { ModelDescriptor } from "../models/model.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** Impulses per kWh, kvarh, kVAh that a meter can be set to (F48, F49). */
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

/** Index of a constant: active, reactive, apparent energy. */
export const ledQuantity = Object.freeze({ active: 0, reactive: 1, apparent: 2 });
const quantities = 3;

/** Constants of a meter as from the factory, in the order of `ledQuantity`. */
export function factoryLedConstants(model: ModelDescriptor): number[] {
	return [model.ledConstant, model.ledConstant, model.ledConstant];
}

/** Layout: version 2 · model · constants (3 · 2) · CRC-32. Version 1 had one constant for all. */
const version = 2;
const length = 2 + 2 * quantities + 4;
const versionOfOne = 1;
const lengthOfOne = 8;
const checksumLength = 4;

/**
 * Reads the sealed constants of the test outputs.
 * @returns in the order of `ledQuantity`, those of the factory where none has been set; undefined when the record cannot be used
 */
export function readLedConstants(store: RecordStore, model: ModelDescriptor): readonly number[] | undefined {
	const bytes = new Uint8Array(length);
	let found: number;
	try {
		found = store.read(recordKey.ledConstant, bytes);
	} catch {
		return undefined;
	}
	if (found < 0) return factoryLedConstants(model);
	const isOfOne = bytes[0] === versionOfOne;
	if (found !== (isOfOne ? lengthOfOne : length) || (!isOfOne && bytes[0] !== version)) return undefined;
	const view = new DataView(bytes.buffer);
	const checksumAt = found - checksumLength;
	if (bytes[1] !== model.bit || view.getUint32(checksumAt) !== crc32(bytes, 0, checksumAt)) return undefined;
	const constants: number[] = [];
	for (let n = 0; n < quantities; n++) {
		constants[n] = view.getUint16(isOfOne ? 2 : 2 + 2 * n);
		if (!isLedConstantListed(model, constants[n]!)) return undefined;
	}
	return constants;
}

/** @param constants in the order of `ledQuantity` @throws DeviceError when the medium refuses */
export function writeLedConstants(store: RecordStore, model: ModelDescriptor, constants: readonly number[]): void {
	const bytes = new Uint8Array(length);
	const view = new DataView(bytes.buffer);
	bytes[0] = version;
	bytes[1] = model.bit;
	for (let n = 0; n < quantities; n++) view.setUint16(2 + 2 * n, constants[n]!);
	view.setUint32(length - checksumLength, crc32(bytes, 0, length - checksumLength));
	store.write(recordKey.ledConstant, bytes);
}
