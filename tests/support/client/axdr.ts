// SPDX-License-Identifier: Apache-2.0
import { ByteReader, bigEndian, concat, DecodeError, encodeLength } from "./bytes.js";

/** Data of the Blue Book with the tag's name (IEC 61334-6, IEC 62056-6-2). */
export type Data =
	| { readonly type: "null-data" | "dont-care"; readonly value: null }
	| { readonly type: "boolean"; readonly value: boolean }
	| { readonly type: NumberType; readonly value: number }
	| { readonly type: "long64" | "long64-unsigned"; readonly value: bigint }
	/** "1" and "0", first bit first. */
	| { readonly type: "bit-string"; readonly value: string }
	| { readonly type: OctetType; readonly value: Uint8Array }
	| { readonly type: "array" | "structure"; readonly value: readonly Data[] }
	| { readonly type: "compact-array"; readonly value: readonly Data[]; readonly contents: TypeDescription };

export type DataType = Data["type"];

export type NumberType = keyof typeof numberTags;

export type OctetType = keyof typeof octetTags;

/** What each element of a compact array is. */
export type TypeDescription =
	| { readonly type: Exclude<DataType, "array" | "structure" | "compact-array"> }
	| { readonly type: "array"; readonly count: number; readonly element: TypeDescription }
	| { readonly type: "structure"; readonly elements: readonly TypeDescription[] };

interface NumberFormat {
	readonly tag: number;
	readonly size: number;
	readonly signed?: true;
	readonly float?: true;
}

const numberTags = {
	"double-long": { tag: 5, size: 4, signed: true },
	"double-long-unsigned": { tag: 6, size: 4 },
	bcd: { tag: 13, size: 1, signed: true },
	integer: { tag: 15, size: 1, signed: true },
	long: { tag: 16, size: 2, signed: true },
	unsigned: { tag: 17, size: 1 },
	"long-unsigned": { tag: 18, size: 2 },
	enum: { tag: 22, size: 1 },
	float32: { tag: 23, size: 4, float: true },
	float64: { tag: 24, size: 8, float: true },
	"delta-integer": { tag: 28, size: 1, signed: true },
	"delta-long": { tag: 29, size: 2, signed: true },
	"delta-double-long": { tag: 30, size: 4, signed: true },
	"delta-unsigned": { tag: 31, size: 1 },
	"delta-long-unsigned": { tag: 32, size: 2 },
	"delta-double-long-unsigned": { tag: 33, size: 4 },
} as const satisfies Record<string, NumberFormat>;

/** `size` is fixed, or given by a length in front of the octets. */
const octetTags = {
	"octet-string": { tag: 9, size: undefined },
	"visible-string": { tag: 10, size: undefined },
	"utf8-string": { tag: 12, size: undefined },
	"date-time": { tag: 25, size: 12 },
	date: { tag: 26, size: 5 },
	time: { tag: 27, size: 4 },
} as const;

const otherTags = {
	"null-data": 0,
	array: 1,
	structure: 2,
	boolean: 3,
	"bit-string": 4,
	"compact-array": 19,
	long64: 20,
	"long64-unsigned": 21,
	"dont-care": 255,
} as const;

const typeOfTag = new Map<number, DataType>([
	...Object.entries(numberTags).map(([name, { tag }]) => [tag, name as NumberType] as const),
	...Object.entries(octetTags).map(([name, { tag }]) => [tag, name as OctetType] as const),
	...Object.entries(otherTags).map(([name, tag]) => [tag, name as DataType] as const),
]);

/** Deeper nesting is not understood. */
const deepest = 16;

/** The whole of `bytes` is one value. */
export function decodeData(bytes: Uint8Array): Data {
	const r = new ByteReader(bytes);
	const value = readData(r);
	r.expectEnd();
	return value;
}

export function readData(r: ByteReader, depth = 0): Data {
	const type = readTag(r);
	if (type === "compact-array") return readCompactArray(r, depth);
	if (type === "array" || type === "structure") {
		if (depth >= deepest) throw new DecodeError("nested too deep", r.offset);
		const count = r.length();
		if (count > r.left) throw new DecodeError(`${count} elements announced`, r.offset);
		return { type, value: Array.from({ length: count }, () => readData(r, depth + 1)) };
	}
	return readSimple(r, type);
}

function readTag(r: ByteReader): DataType {
	const tag = r.unsigned(1);
	const type = typeOfTag.get(tag);
	if (type === undefined) throw new DecodeError(`unknown tag ${tag}`, r.offset - 1);
	return type;
}

function readSimple(r: ByteReader, type: Exclude<DataType, "array" | "structure" | "compact-array">): Data {
	switch (type) {
		case "null-data":
		case "dont-care":
			return { type, value: null };
		case "boolean":
			return { type, value: r.unsigned(1) !== 0 };
		case "bit-string": {
			const count = r.length();
			const octets = [...r.take(Math.ceil(count / 8))];
			const bits = octets.map((octet) => octet.toString(2).padStart(8, "0")).join("");
			return { type, value: bits.slice(0, count) };
		}
		case "long64":
		case "long64-unsigned": {
			const bits = r.take(8).reduce((value, octet) => value * 256n + BigInt(octet), 0n);
			return { type, value: type === "long64" ? BigInt.asIntN(64, bits) : bits };
		}
		case "octet-string":
		case "visible-string":
		case "utf8-string":
			return { type, value: r.octets() };
		case "date-time":
		case "date":
		case "time":
			return { type, value: r.take(octetTags[type].size) };
		default:
			return { type, value: readNumber(r, numberTags[type]) };
	}
}

function readNumber(r: ByteReader, { size, signed, float }: NumberFormat): number {
	const bytes = r.take(size);
	const view = new DataView(bytes.buffer);
	if (float) return size === 4 ? view.getFloat32(0) : view.getFloat64(0);
	if (size === 1) return signed ? view.getInt8(0) : view.getUint8(0);
	if (size === 2) return signed ? view.getInt16(0) : view.getUint16(0);
	return signed ? view.getInt32(0) : view.getUint32(0);
}

function readCompactArray(r: ByteReader, depth: number): Data {
	const contents = readDescription(r, depth);
	const elements = new ByteReader(r.octets());
	const value: Data[] = [];
	while (elements.left > 0) {
		const before = elements.offset;
		value.push(readDescribed(elements, contents));
		if (elements.offset === before) throw new DecodeError("elements without octets", before);
	}
	return { type: "compact-array", value, contents };
}

function readDescription(r: ByteReader, depth: number): TypeDescription {
	if (depth >= deepest) throw new DecodeError("nested too deep", r.offset);
	const type = readTag(r);
	if (type === "array") return { type, count: r.unsigned(2), element: readDescription(r, depth + 1) };
	if (type === "structure") {
		return { type, elements: Array.from({ length: r.length() }, () => readDescription(r, depth + 1)) };
	}
	if (type === "compact-array") throw new DecodeError("compact array within a compact array", r.offset);
	return { type };
}

function readDescribed(r: ByteReader, description: TypeDescription): Data {
	if (description.type === "array") {
		const { count, element } = description;
		return { type: "array", value: Array.from({ length: count }, () => readDescribed(r, element)) };
	}
	if (description.type === "structure") {
		return { type: "structure", value: description.elements.map((element) => readDescribed(r, element)) };
	}
	return readSimple(r, description.type);
}

/** @throws RangeError when a value does not fit its type */
export function encodeData(data: Data): Uint8Array {
	switch (data.type) {
		case "array":
		case "structure":
			return concat(otherTags[data.type], encodeLength(data.value.length), ...data.value.map(encodeData));
		case "compact-array": {
			const elements = concat(...data.value.map(encodeContents));
			return concat(otherTags[data.type], encodeDescription(data.contents), encodeLength(elements.length), elements);
		}
		default:
			return concat(tagOf(data.type), encodeContents(data));
	}
}

function tagOf(type: DataType): number {
	if (type in numberTags) return numberTags[type as NumberType].tag;
	if (type in octetTags) return octetTags[type as OctetType].tag;
	return otherTags[type as keyof typeof otherTags];
}

/** Without the outermost tag; elements of a compact array carry none at all. */
function encodeContents(data: Data): Uint8Array {
	switch (data.type) {
		case "null-data":
		case "dont-care":
			return new Uint8Array(0);
		case "boolean":
			return Uint8Array.of(data.value ? 1 : 0);
		case "bit-string": {
			const octets = data.value.match(/.{1,8}/g) ?? [];
			return concat(encodeLength(data.value.length), ...octets.map((bits) => Number.parseInt(bits.padEnd(8, "0"), 2)));
		}
		case "long64":
		case "long64-unsigned": {
			const bits = BigInt.asUintN(64, data.value);
			return Uint8Array.from({ length: 8 }, (_, at) => Number((bits >> BigInt(56 - 8 * at)) & 0xffn));
		}
		case "octet-string":
		case "visible-string":
		case "utf8-string":
			return concat(encodeLength(data.value.length), data.value);
		case "date-time":
		case "date":
		case "time":
			if (data.value.length !== octetTags[data.type].size) throw new RangeError(`${data.type}: wrong length`);
			return data.value;
		case "array":
		case "structure":
		case "compact-array":
			return concat(...data.value.map(encodeContents));
		default:
			return encodeNumber(data.type, data.value, numberTags[data.type]);
	}
}

function encodeNumber(type: string, value: number, { size, signed, float }: NumberFormat): Uint8Array {
	if (float) {
		const view = new DataView(new ArrayBuffer(size));
		if (size === 4) view.setFloat32(0, value);
		else view.setFloat64(0, value);
		return new Uint8Array(view.buffer);
	}
	const range = 256 ** size;
	const lowest = signed ? -range / 2 : 0;
	if (!Number.isInteger(value) || value < lowest || value >= lowest + range) throw new RangeError(`${type}: ${value}`);
	return bigEndian(value < 0 ? value + range : value, size);
}

function encodeDescription(description: TypeDescription): Uint8Array {
	if (description.type === "array") {
		return concat(otherTags.array, bigEndian(description.count, 2), encodeDescription(description.element));
	}
	if (description.type === "structure") {
		const { elements } = description;
		return concat(otherTags.structure, encodeLength(elements.length), ...elements.map(encodeDescription));
	}
	return Uint8Array.of(tagOf(description.type));
}
