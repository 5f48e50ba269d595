// SPDX-License-Identifier: Apache-2.0
import { formatFixed } from "../../core/fixed-point-text.js";
import { clockClass, demandRegisterClass, extendedRegisterClass } from "../class-ids.js";
import { decodeOctetString, decodeScalerUnit, decodeVisibleString } from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import { decodeNumber } from "../codec/number.js";
import { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { formatLogicalName, parseLogicalName } from "../logical-name.js";
import { unit } from "../unit.js";
import { encodeIfFits, type LiveValue } from "./live-list.js";

/** Octets of the longest attribute that becomes a value. */
const longestAttribute = 128;
/** Characters of a value of IEC 62056-21 in the first line of a block, and so in any. */
const longestValue = 32;

const registerClasses: readonly number[] = Object.freeze([3, 4, 5]);
const attribute = Object.freeze({ scalerUnit: 3, scalerUnitOfDemand: 4, captureTime: 5 });

/** Local time and local date. */
const partsOfClock: readonly number[] = Object.freeze(["1-0:0.9.1.255", "1-0:0.9.2.255"].map(parseLogicalName));
const dateLength = 5;

/** Energies and powers are shown in thousands, as on the glass. */
export const kiloUnits: ReadonlyMap<number, string> = new Map([
	[unit.watt, "kW"],
	[unit.voltAmpere, "kVA"],
	[unit.var, "kvar"],
	[unit.wattHour, "kWh"],
	[unit.voltAmpereHour, "kVAh"],
	[unit.varHour, "kvarh"],
]);

export const plainUnits: ReadonlyMap<number, string> = new Map([
	[unit.second, "s"],
	[unit.degree, "deg"],
	[unit.celsius, "C"],
	[unit.ampere, "A"],
	[unit.volt, "V"],
	[unit.hertz, "Hz"],
	[unit.percent, "%"],
]);

/** Integer digits of energies: fixed, so that a readout keeps its shape. */
const energyDigits = 6;

/** C.D.E for electricity, A-B:C.D.E for everything else (IEC 62056-61). */
export function dataSetAddress(logicalName: number): string {
	const text = formatLogicalName(logicalName);
	const reduced = text.slice(0, text.lastIndexOf("."));
	return reduced.startsWith("1-0:") ? reduced.slice(4) : reduced;
}

/**
 * A data set of IEC 62056-21, `address(value*unit)`; a maximum has its time stamp behind it. Numbers are those of the
 * attribute, moved by its scaler: nothing is rounded. A value without text, or with one that a data set cannot hold, is empty.
 */
export function formatDataSet(value: LiveValue): string {
	const { object } = value;
	const w = new Writer(longestAttribute);
	if (!encodeIfFits(value, w)) return `${dataSetAddress(object.logicalName)}()`;
	const r = new Reader(w.bytes, 0, w.position);
	const { classId } = object.definition;
	let text: string;
	let unitText = "";
	if (classId === clockClass) text = formatTime(r, 6);
	else if (registerClasses.includes(classId)) {
		const number = decodeNumber(r);
		const quantity = new Writer(8);
		value.encodeOther(quantity, classId === demandRegisterClass ? attribute.scalerUnitOfDemand : attribute.scalerUnit);
		const packed = new Reader(quantity.bytes, 0, quantity.position);
		const scalerUnit = decodeScalerUnit(packed);
		const scaler = Math.floor(scalerUnit / 256);
		const code = scalerUnit & 255;
		const kilo = kiloUnits.get(code);
		text = number === undefined ? "" : scaled(number, kilo === undefined ? scaler : scaler - 3, isEnergyUnit(code));
		unitText = kilo ?? plainUnits.get(code) ?? "";
	} else if (partsOfClock.includes(object.logicalName)) text = formatPart(decodeOctetString(r));
	else text = plainText(r);
	let result = `${dataSetAddress(object.logicalName)}(${text}${unitText === "" || text === "" ? "" : `*${unitText}`})`;
	if (classId === extendedRegisterClass) {
		w.reset();
		if (value.encodeOther(w, attribute.captureTime)) result += `(${formatTime(new Reader(w.bytes, 0, w.position), 5)})`;
	}
	return result;
}

/** @param code one of `unit` */
export function isEnergyUnit(code: number): boolean {
	return code === unit.wattHour || code === unit.varHour || code === unit.voltAmpereHour;
}

/** `value` times 10^exponent. */
function scaled(value: number, exponent: number, isPadded: boolean): string {
	if (exponent >= 0) return formatFixed(value * 10 ** exponent, 0, isPadded ? energyDigits : 1);
	return formatFixed(value, -exponent, isPadded ? energyDigits : 1);
}

function plainText(r: Reader): string {
	const tag = r.peek();
	if (tag !== dataTag.octetString && tag !== dataTag.visibleString) {
		const number = decodeNumber(r);
		return number === undefined ? "" : String(number);
	}
	const octets = tag === dataTag.octetString ? decodeOctetString(r) : decodeVisibleString(r);
	const text = isText(octets) ? String.fromCharCode(...octets) : hexOf(octets);
	return text.length > longestValue ? "" : text;
}

/** Printable characters but those that shape a data set: ( ) * / ! */
function isText(octets: Uint8Array): boolean {
	for (let n = 0; n < octets.length; n++) {
		const octet = octets[n]!;
		if (octet < 0x20 || octet > 0x7e || (octet >= 0x28 && octet <= 0x2a) || octet === 0x2f || octet === 0x21)
			return false;
	}
	return true;
}

/** Two upper-case digits an octet. */
export function hexOf(octets: Uint8Array): string {
	let text = "";
	for (let n = 0; n < octets.length; n++) text += octets[n]!.toString(16).toUpperCase().padStart(2, "0");
	return text;
}

/** hhmmss of a time, YYMMDD of a date. */
function formatPart(octets: Uint8Array): string {
	const isDate = octets.length === dateLength;
	let text = isDate ? twoDigits((octets[0]! * 256 + octets[1]!) % 100) : "";
	for (let n = isDate ? 2 : 0; text.length < 6; n++) text += twoDigits(octets[n]!);
	return text;
}

function twoDigits(value: number): string {
	return String(value).padStart(2, "0");
}

/** YYMMDDhhmmss or the first five of its parts; empty when the date is not known. */
function formatTime(r: Reader, parts: 5 | 6): string {
	if (r.peek() !== dataTag.octetString && r.peek() !== dataTag.dateTime) return "";
	const octets = r.peek() === dataTag.octetString ? decodeOctetString(r) : r.octets(13).subarray(1);
	if (octets.length !== 12 || octets[2]! > 12) return "";
	const year = (octets[0]! * 256 + octets[1]!) % 100;
	let text = "";
	const fields = [year, octets[2]!, octets[3]!, octets[5]!, octets[6]!, octets[7]!];
	for (let n = 0; n < parts; n++) text += twoDigits(fields[n]!);
	return text;
}
