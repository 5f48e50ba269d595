// SPDX-License-Identifier: Apache-2.0
import { controlState } from "../control/disconnect-transitions.js";
import { formatFixed } from "../core/fixed-point-text.js";
import { clockClass, demandRegisterClass, disconnectControlClass, extendedRegisterClass } from "../cosem/class-ids.js";
import { decodeEnum, decodeOctetString, decodeScalerUnit } from "../cosem/codec/axdr.js";
import { dataTag } from "../cosem/codec/data-tag.js";
import { decodeNumber } from "../cosem/codec/number.js";
import { Reader } from "../cosem/codec/reader.js";
import { Writer } from "../cosem/codec/writer.js";
import { formatLogicalName, parseLogicalName } from "../cosem/logical-name.js";
import { hexOf, isEnergyUnit, kiloUnits, plainUnits } from "../cosem/readout/data-sets.js";
import { encodeIfFits, type LiveValue } from "../cosem/readout/live-list.js";
import type { MetrologyView } from "../metrology/view.js";
import { displayField } from "./display-options.js";

/** Octets of the longest value: a consumer message. */
const longestMessage = 1040;
const longestValue = 128;
/** Octets of the value of a register, or of its scaler and unit. */
const longestQuantity = 64;

const registerClasses: readonly number[] = Object.freeze([3, extendedRegisterClass, demandRegisterClass]);
const firstValue = 2;

const timeOfDay = parseLogicalName("1-0:0.9.1.255");
const dateOfDay = parseLogicalName("1-0:0.9.2.255");
const activeTariffs: readonly number[] = Object.freeze(
	["0-0:96.14.0.255", "0-0:96.14.1.255"].map((name) => parseLogicalName(name)),
);
/** Value group D of energies; of C, error and alarm registers. */
const energyGroup = 8;
const errorGroup = 97;
const messageGroup = 13;
const unitsPerDigit = 10;
/** Prefixes of units from kilo on, one for three powers of ten. */
const prefixes = "kMGT";

/** What an attribute looks like on the glass; the text may be longer than that. */
export interface DisplayedValue {
	readonly code: string;
	readonly text: string;
	readonly unit: string;
}

/** Octet of a logical name, 0 for value group A. */
function groupOf(logicalName: number, group: number): number {
	return Math.floor(logicalName / 256 ** (5 - group)) % 256;
}

/** C.D.E of a logical name. */
function codeOf(logicalName: number): string {
	const text = formatLogicalName(logicalName);
	return text.slice(text.indexOf(":") + 1, text.lastIndexOf("."));
}

/**
 * The value of an attribute as the glass shows it: energies and powers in thousands with the decimals that are set, truncated,
 * everything else as a client reads it; what has no text, or is longer than any text, is empty.
 * @param fields `displayField`
 */
export function displayedValue(
	value: LiveValue,
	attribute: number,
	metrology: MetrologyView,
	fields: Uint8Array,
): DisplayedValue {
	const { logicalName, definition } = value.object;
	const code = codeOf(logicalName);
	const isRegister = registerClasses.includes(definition.classId);
	if (
		isRegister &&
		(attribute === firstValue || (definition.classId === demandRegisterClass && attribute === firstValue + 1))
	)
		return { code, ...quantityOf(value, metrology, fields) };
	const w = new Writer(groupOf(logicalName, 3) === messageGroup ? longestMessage : longestValue);
	if (!encodeIfFits(value, w)) return { code, text: "", unit: "" };
	return { code, text: textOf(logicalName, definition.classId, new Reader(w.bytes, 0, w.position)), unit: "" };
}

function quantityOf(value: LiveValue, metrology: MetrologyView, fields: Uint8Array): { text: string; unit: string } {
	const { logicalName, definition } = value.object;
	const w = new Writer(longestQuantity);
	value.encodeOther(w, definition.classId === demandRegisterClass ? 4 : 3);
	const scalerUnit = decodeScalerUnit(new Reader(w.bytes, 0, w.position));
	const scaler = Math.floor(scalerUnit / 256);
	const code = scalerUnit & 255;
	const isEnergy = isEnergyUnit(code);
	let number: number | undefined;
	if (isEnergy && groupOf(logicalName, 0) === 1 && groupOf(logicalName, 3) === energyGroup) {
		// as it is told, but nothing that has to be made durable
		const c = groupOf(logicalName, 2);
		const rate = groupOf(logicalName, 4);
		number = Math.trunc((rate === 0 ? metrology.energy_units(c) : metrology.rate_units(c, rate)) / unitsPerDigit);
	} else {
		w.reset();
		value.encode(w);
		number = decodeNumber(new Reader(w.bytes, 0, w.position));
	}
	const kilo = kiloUnits.get(code);
	if (number === undefined) return { text: "--------", unit: kilo ?? plainUnits.get(code) ?? "" };
	if (kilo === undefined) {
		const text = scaler < 0 ? formatFixed(number, -scaler) : String(number * 10 ** scaler);
		return { text, unit: plainUnits.get(code) ?? "" };
	}
	const thousands = Math.max(0, Math.floor(scaler / 3));
	const decimals = fields[isEnergy ? displayField.energyDecimals : displayField.demandDecimals]!;
	const exponent = scaler - 3 - 3 * thousands + decimals;
	let digits = exponent < 0 ? Math.trunc(number / 10 ** -exponent) : number * 10 ** exponent;
	const unit = prefixes[thousands]! + kilo.slice(1);
	const isPadded = isEnergy || definition.classId === extendedRegisterClass;
	const width = fields[isEnergy ? displayField.energyDigits : displayField.demandDigits]!;
	if (isEnergy) digits %= 10 ** (width + decimals);
	return {
		text: formatFixed(digits, decimals, isPadded && fields[displayField.showLeadingZeros] === 1 ? width : 1),
		unit,
	};
}

function textOf(logicalName: number, classId: number, r: Reader): string {
	const tag = r.peek();
	if (classId === disconnectControlClass && tag === dataTag.enum) {
		const state = decodeEnum(r);
		return state === controlState.connected ? "ON" : state === controlState.readyForReconnection ? "READY" : "OFF";
	}
	if (tag === dataTag.dateTime || tag === dataTag.octetString) {
		const octets = tag === dataTag.octetString ? decodeOctetString(r) : r.octets(13).subarray(1);
		return octetsText(logicalName, classId, octets);
	}
	const number = decodeNumber(r);
	if (number === undefined) return tag === 0 ? "--------" : "";
	return groupOf(logicalName, 2) === errorGroup ? number.toString(16).toUpperCase().padStart(8, "0") : String(number);
}

function octetsText(logicalName: number, classId: number, octets: Uint8Array): string {
	if (logicalName === timeOfDay) return timeText(octets, 0);
	if (logicalName === dateOfDay) return dateText(octets);
	if (activeTariffs.includes(logicalName)) return `T${String.fromCharCode(...octets)}`;
	const isMessage = groupOf(logicalName, 2) === 96 && groupOf(logicalName, 3) === messageGroup;
	if (!isMessage && octets.length === 12 && (classId === clockClass || !isPrintable(octets)))
		return dateText(octets) + timeText(octets, 5);
	if (!isMessage && !isPrintable(octets)) return hexOf(octets.subarray(0, 4));
	let text = "";
	for (let n = 0; n < octets.length; n++) text += isVisible(octets[n]!) ? String.fromCharCode(octets[n]!) : " ";
	return text;
}

/** YY-MM-DD; dashes for what is not specified. */
function dateText(octets: Uint8Array): string {
	const year = octets[0]! * 256 + octets[1]!;
	return `${two(year === 0xffff ? 0xff : year % 100)}-${two(octets[2]!)}-${two(octets[3]!)}`;
}

function timeText(octets: Uint8Array, at: number): string {
	return `${two(octets[at]!)}:${two(octets[at + 1]!)}:${two(octets[at + 2]!)}`;
}

function two(value: number): string {
	return value === 0xff ? "--" : String(value).padStart(2, "0");
}

function isVisible(octet: number): boolean {
	return octet >= 0x20 && octet <= 0x7e;
}

function isPrintable(octets: Uint8Array): boolean {
	for (let n = 0; n < octets.length; n++) if (!isVisible(octets[n]!)) return false;
	return true;
}
