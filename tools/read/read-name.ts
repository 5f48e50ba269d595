// SPDX-License-Identifier: Apache-2.0
import type { Data } from "../../tests/support/client/axdr.js";
import type { DlmsClient } from "../../tests/support/client/client.js";
import { asNumber, elementsOf, type ObjectRef } from "../../tests/support/client/data.js";
import { RefusedError } from "../../tests/support/client/errors.js";

/** Units of the Blue Book (4.3.2) that a meter of this family uses. */
const units: Readonly<Record<number, string>> = {
	3: "week",
	4: "day",
	5: "h",
	6: "min",
	7: "s",
	8: "°",
	9: "°C",
	27: "W",
	28: "VA",
	29: "var",
	30: "Wh",
	31: "VAh",
	32: "varh",
	33: "A",
	35: "V",
	44: "Hz",
	56: "%",
};

const registerClasses: ReadonlySet<number> = new Set([3, 4, 5]);
const clockClass = 8;

/** A date-time (Blue Book 4.1.6.1) of a clock; fields not specified as they are. */
function dateTime(octets: Uint8Array): string {
	const two = (n: number): string => String(n).padStart(2, "0");
	const [yearHigh, yearLow, month, day, , hour, minute, second] = octets;
	return `${yearHigh! * 256 + yearLow!}-${two(month!)}-${two(day!)} ${two(hour!)}:${two(minute!)}:${two(second!)}`;
}

/** Readable form of any value: text where it is text, hexadecimal of other octets, lists in brackets. */
export function show(data: Data): string {
	const { value } = data;
	if (Array.isArray(value)) return `[${(value as readonly Data[]).map(show).join(", ")}]`;
	if (!(value instanceof Uint8Array)) return String(value);
	const text = Buffer.from(value).toString("latin1");
	return /^[\x20-\x7e]+$/.test(text) ? text : Buffer.from(value).toString("hex");
}

/** An attribute of an object as a person reads it: registers with scaler and unit, a clock as a time, a refusal by its name. */
export async function readName(client: DlmsClient, object: ObjectRef, attribute: number): Promise<string> {
	try {
		const value = await client.read(object, attribute);
		if (attribute !== 2) return show(value);
		if (object.classId === clockClass && value.value instanceof Uint8Array) return dateTime(value.value);
		if (!registerClasses.has(object.classId) || Number.isNaN(Number(value.value))) return show(value);
		const [scaler, unit] = elementsOf(await client.read(object, object.classId === 5 ? 4 : 3), 2).map(asNumber);
		const scaled = (Number(value.value) * 10 ** scaler!).toFixed(Math.max(0, -scaler!));
		return `${scaled} ${units[unit!] ?? ""}`.trimEnd();
	} catch (error) {
		if (error instanceof RefusedError) return error.message;
		throw error;
	}
}
