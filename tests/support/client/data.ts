// SPDX-License-Identifier: Apache-2.0
import type { Data } from "./axdr.js";
import { DecodeError, fromAscii } from "./bytes.js";

/** Values to send, written like the types of the Blue Book. */
export const data = Object.freeze({
	nullData: (): Data => ({ type: "null-data", value: null }),
	boolean: (value: boolean): Data => ({ type: "boolean", value }),
	integer: (value: number): Data => ({ type: "integer", value }),
	long: (value: number): Data => ({ type: "long", value }),
	doubleLong: (value: number): Data => ({ type: "double-long", value }),
	unsigned: (value: number): Data => ({ type: "unsigned", value }),
	longUnsigned: (value: number): Data => ({ type: "long-unsigned", value }),
	doubleLongUnsigned: (value: number): Data => ({ type: "double-long-unsigned", value }),
	enum: (value: number): Data => ({ type: "enum", value }),
	bitString: (value: string): Data => ({ type: "bit-string", value }),
	octetString: (value: Uint8Array | string): Data => ({
		type: "octet-string",
		value: typeof value === "string" ? fromAscii(value) : value,
	}),
	visibleString: (value: string): Data => ({ type: "visible-string", value: fromAscii(value) }),
	structure: (...value: readonly Data[]): Data => ({ type: "structure", value }),
	array: (...value: readonly Data[]): Data => ({ type: "array", value }),
});

function refuse(found: Data, wanted: string): never {
	throw new DecodeError(`${found.type} instead of ${wanted}`, 0);
}

export function asNumber(found: Data): number {
	return typeof found.value === "number" ? found.value : refuse(found, "a number");
}

export function asOctets(found: Data): Uint8Array {
	return found.value instanceof Uint8Array ? found.value : refuse(found, "octets");
}

/** Elements of an array, of a structure or of a compact array; of `count` elements when it is given. */
export function elementsOf(found: Data, count?: number): readonly Data[] {
	if (found.type !== "array" && found.type !== "structure" && found.type !== "compact-array") {
		return refuse(found, "elements");
	}
	if (count !== undefined && found.value.length !== count) refuse(found, `${count} elements`);
	return found.value;
}

/** Reference to an object. `logicalName` is "A-B:C.D.E.F". */
export interface ObjectRef {
	readonly classId: number;
	readonly logicalName: string;
}

export function ref(classId: number, logicalName: string): ObjectRef {
	return { classId, logicalName };
}

/** Six octets of "A-B:C.D.E.F". */
export function encodeLogicalName(text: string): Uint8Array {
	const groups = /^(\d+)-(\d+):(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)?.slice(1).map(Number);
	if (groups === undefined || groups.some((group) => group > 255)) throw new RangeError(`not a logical name: ${text}`);
	return Uint8Array.from(groups);
}

export function decodeLogicalName(bytes: Uint8Array): string {
	if (bytes.length !== 6) throw new DecodeError(`logical name of ${bytes.length} octets`, 0);
	const [a, b, c, d, e, f] = bytes;
	return `${a}-${b}:${c}.${d}.${e}.${f}`;
}
