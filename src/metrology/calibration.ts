// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** What a calibration of one kind of board looks like, and which of its values can be true. */
export interface CalibrationLayout {
	/** Bit of the model: a calibration serves the kind of board it was made on and no other. */
	readonly model: number;
	readonly count: number;
	/** Unit of energy by the ratings of the board; a calibrated one differs by at most 1 %. */
	readonly designNumerator: number;
	/** Whether register value `index` is one that a sound board can need. */
	isPlausible(index: number, value: number): boolean;
}

/** A sealed metrological parameter: what the verification laboratory found for this one board. */
export interface Calibration {
	/** Register values in the order of the front end. */
	readonly values: Int32Array;
	/** Numerator of the unit of energy (see `FrontEnd`), below 2^47. */
	readonly unitNumerator: number;
	/** When it was made, seconds since 2000 UTC; 0 when not known. */
	readonly made_s: number;
}

/** `missing`: there is no record. `corrupt`: there is one that cannot be used. */
export type CalibrationFault = "missing" | "corrupt";

/** Layout, most significant octet first: version 1 · model · count · 0 · time (4) · numerator (6) · values (4) · CRC-32. */
const version = 1;
const offset = Object.freeze({ version: 0, model: 1, count: 2, spare: 3, made: 4, numerator: 8, values: 14 });
const checksumLength = 4;
const high = 0x1_0000_0000;
const numeratorTolerance = 0.01;

export function calibrationLength(layout: CalibrationLayout): number {
	return offset.values + 4 * layout.count + checksumLength;
}

function isUnitPlausible(layout: CalibrationLayout, numerator: number): boolean {
	return (
		Number.isInteger(numerator) &&
		Math.abs(numerator - layout.designNumerator) <= numeratorTolerance * layout.designNumerator
	);
}

/**
 * Makes the record.
 * @throws RangeError naming what no sound board can need
 */
export function encodeCalibration(layout: CalibrationLayout, calibration: Calibration): Uint8Array {
	const { values, unitNumerator, made_s } = calibration;
	if (values.length !== layout.count) throw new RangeError(`calibration of ${values.length} values`);
	if (!isUnitPlausible(layout, unitNumerator)) throw new RangeError(`unit of ${unitNumerator}`);
	const bytes = new Uint8Array(calibrationLength(layout));
	const view = new DataView(bytes.buffer);
	view.setUint8(offset.version, version);
	view.setUint8(offset.model, layout.model);
	view.setUint8(offset.count, layout.count);
	view.setUint32(offset.made, made_s);
	view.setUint16(offset.numerator, Math.floor(unitNumerator / high));
	view.setUint32(offset.numerator + 2, unitNumerator % high);
	for (let n = 0; n < values.length; n++) {
		if (!layout.isPlausible(n, values[n]!)) throw new RangeError(`calibration value ${n}: ${values[n]}`);
		view.setInt32(offset.values + 4 * n, values[n]!);
	}
	const end = bytes.length - checksumLength;
	view.setUint32(end, crc32(bytes, 0, end));
	return bytes;
}

/** @returns undefined when length, version, model, checksum or a value is not what it must be */
export function decodeCalibration(
	layout: CalibrationLayout,
	bytes: Uint8Array,
	length: number,
): Calibration | undefined {
	if (length !== calibrationLength(layout) || bytes.length < length) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, length);
	const end = length - checksumLength;
	if (bytes[offset.version] !== version || bytes[offset.model] !== layout.model) return undefined;
	if (bytes[offset.count] !== layout.count || bytes[offset.spare] !== 0) return undefined;
	if (view.getUint32(end) !== crc32(bytes, 0, end)) return undefined;
	const unitNumerator = view.getUint16(offset.numerator) * high + view.getUint32(offset.numerator + 2);
	if (!isUnitPlausible(layout, unitNumerator)) return undefined;
	const values = new Int32Array(layout.count);
	for (let n = 0; n < values.length; n++) {
		values[n] = view.getInt32(offset.values + 4 * n);
		if (!layout.isPlausible(n, values[n]!)) return undefined;
	}
	return { values, unitNumerator, made_s: view.getUint32(offset.made) };
}

/** Reads the calibration of this board. Nothing stands in for one that is not there: the caller must not measure then. */
export function readCalibration(store: RecordStore, layout: CalibrationLayout): Calibration | CalibrationFault {
	const bytes = new Uint8Array(calibrationLength(layout));
	let length: number;
	try {
		length = store.read(recordKey.calibration, bytes);
	} catch {
		return "corrupt"; // longer than any of this kind, or the medium can no longer read it
	}
	if (length < 0) return "missing";
	return decodeCalibration(layout, bytes, length) ?? "corrupt";
}

/**
 * Makes a calibration durable; for the factory and the verification laboratory alone.
 * @throws RangeError as `encodeCalibration`; DeviceError when the medium refuses
 */
export function writeCalibration(store: RecordStore, layout: CalibrationLayout, calibration: Calibration): void {
	store.write(recordKey.calibration, encodeCalibration(layout, calibration));
}
