// SPDX-License-Identifier: Apache-2.0
import type { Application } from "../cosem/application.js";
import {
	decodeBoolean,
	decodeStructure,
	decodeUnsigned,
	encodeBoolean,
	encodeStructure,
	encodeUnsigned,
} from "../cosem/codec/axdr.js";
import type { Reader } from "../cosem/codec/reader.js";
import type { Writer } from "../cosem/codec/writer.js";
import type { AttributeShape, StoredAttributes } from "../cosem/parameters/stored-attributes.js";
import { recordKey } from "../storage/keys.js";

/** Value group E of 0-0:96.56.E. */
export const displaySetting = Object.freeze({ options: 0, times: 1, formats: 2 });

/** Places in the fields of `readDisplayFields`, in the order of the three structures. */
export const displayField = Object.freeze({
	showLeadingZeros: 0,
	showUnits: 1,
	showCodes: 2,
	language: 3,
	item_s: 4,
	backLight_s: 5,
	manualReturn_s: 6,
	energyDigits: 7,
	energyDecimals: 8,
	demandDigits: 9,
	demandDecimals: 10,
	count: 11,
});

const firstField: readonly number[] = Object.freeze([
	displayField.showLeadingZeros,
	displayField.item_s,
	displayField.energyDigits,
	displayField.count,
]);
const factory: readonly number[] = Object.freeze([1, 1, 1, 0, 5, 30, 60, 7, 1, 3, 3]);
/** Of the first three fields, which are boolean. */
const booleans = displayField.language;
/** Places of the glass. */
const places = 8;
const highestDecimals = 3;

const shape: AttributeShape = Object.freeze({
	first: displaySetting.options,
	last: displaySetting.formats,
	maximum: 32,
	factory: (setting: number, w: Writer) => encodeFields(setting, factory, w),
});

function encodeFields(setting: number, fields: readonly number[], w: Writer): void {
	const end = firstField[setting + 1]!;
	encodeStructure(w, end - firstField[setting]!);
	for (let n = firstField[setting]!; n < end; n++) {
		if (n < booleans) encodeBoolean(w, fields[n] === 1);
		else encodeUnsigned(w, fields[n]!);
	}
}

function decodeFields(setting: number, r: Reader, fields: Uint8Array): void {
	const end = firstField[setting + 1]!;
	decodeStructure(r, end - firstField[setting]!);
	for (let n = firstField[setting]!; n < end; n++)
		fields[n] = n < booleans ? (decodeBoolean(r) ? 1 : 0) : decodeUnsigned(r);
}

/** Where the three settings of the display are kept. */
export function displaySettings(application: Application): StoredAttributes {
	return application.stored(recordKey.displayOptions, shape);
}

/** Fills all fields as they are set now. @throws DeviceError */
export function readDisplayFields(application: Application, fields: Uint8Array): void {
	const settings = displaySettings(application);
	for (let setting = 0; setting <= shape.last; setting++) decodeFields(setting, settings.read(setting), fields);
}

/** Decodes a setting of a client. @returns whether the display can do it */
export function isDisplaySettingGood(setting: number, r: Reader): boolean {
	const fields = new Uint8Array(displayField.count);
	decodeFields(setting, r, fields);
	const digits = (at: number): boolean =>
		fields[at]! >= 1 && fields[at + 1]! <= highestDecimals && fields[at]! + fields[at + 1]! <= places;
	if (setting === displaySetting.options) return fields[displayField.language] === 0;
	if (setting === displaySetting.times)
		return fields[displayField.item_s]! > 0 && fields[displayField.manualReturn_s]! > 0;
	return digits(displayField.energyDigits) && digits(displayField.demandDigits);
}
