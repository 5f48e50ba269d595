// SPDX-License-Identifier: Apache-2.0
import { crc32 } from "../core/crc.js";
import type { ModelDescriptor } from "../models/model.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import type { ApparentMethod, Summation } from "./energy-registers.js";
import { factoryRegistration, type Registration, registrationFor } from "./registration.js";

/** How the meter makes registers out of what it measures: sealed parameters. */
export interface MeasurementSettings {
	readonly summation: Summation;
	readonly apparentMethod: ApparentMethod;
	readonly registration: Registration;
}

/** Layout: version 1 · model · flags · 0 · current ratio (2, 2) · voltage ratio (4, 4) · CRC-32. */
const version = 1;
const offset = Object.freeze({ model: 1, flags: 2, current: 4, voltage: 8, checksum: 16 });
const length = 20;
const flag = Object.freeze({ arithmetic: 1 << 0, vectorial: 1 << 1, primary: 1 << 2 });
const everyFlag = flag.arithmetic | flag.vectorial | flag.primary;

/** Vector sum, sum of the voltamperes, as at the terminals. */
export function factorySettings(model: ModelDescriptor): MeasurementSettings {
	return { summation: "vector", apparentMethod: "rms", registration: factoryRegistration(model) };
}

/**
 * Reads the sealed settings.
 * @returns those of the factory where none have been set; undefined when the record cannot be used
 */
export function readMeasurementSettings(store: RecordStore, model: ModelDescriptor): MeasurementSettings | undefined {
	const bytes = new Uint8Array(length);
	let found: number;
	try {
		found = store.read(recordKey.measurementSettings, bytes);
	} catch {
		return undefined;
	}
	if (found < 0) return factorySettings(model);
	const view = new DataView(bytes.buffer);
	const flags = bytes[offset.flags]!;
	if (found !== length || bytes[0] !== version || bytes[offset.model] !== model.bit) return undefined;
	if (view.getUint32(offset.checksum) !== crc32(bytes, 0, offset.checksum) || (flags & ~everyFlag) !== 0)
		return undefined;
	const registration =
		model.nominalRatio_A === 0
			? factoryRegistration(model)
			: registrationFor(model, {
					isPrimary: (flags & flag.primary) !== 0,
					currentNumerator: view.getUint16(offset.current),
					currentDenominator: view.getUint16(offset.current + 2),
					voltageNumerator: view.getUint32(offset.voltage),
					voltageDenominator: view.getUint32(offset.voltage + 4),
				});
	if (registration === undefined) return undefined;
	return {
		summation: (flags & flag.arithmetic) !== 0 ? "arithmetic" : "vector",
		apparentMethod: (flags & flag.vectorial) !== 0 ? "vectorial" : "rms",
		registration,
	};
}

/** @throws DeviceError when the medium refuses */
export function writeMeasurementSettings(
	store: RecordStore,
	model: ModelDescriptor,
	settings: MeasurementSettings,
): void {
	const bytes = new Uint8Array(length);
	const view = new DataView(bytes.buffer);
	const { registration } = settings;
	bytes[0] = version;
	bytes[offset.model] = model.bit;
	bytes[offset.flags] =
		(settings.summation === "arithmetic" ? flag.arithmetic : 0) |
		(settings.apparentMethod === "vectorial" ? flag.vectorial : 0) |
		(registration.isPrimary ? flag.primary : 0);
	view.setUint16(offset.current, registration.currentNumerator);
	view.setUint16(offset.current + 2, registration.currentDenominator);
	view.setUint32(offset.voltage, registration.voltageNumerator);
	view.setUint32(offset.voltage + 4, registration.voltageDenominator);
	view.setUint32(offset.checksum, crc32(bytes, 0, offset.checksum));
	store.write(recordKey.measurementSettings, bytes);
}
