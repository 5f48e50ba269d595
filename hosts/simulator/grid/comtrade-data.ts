// SPDX-License-Identifier: Apache-2.0
import type { ComtradeConfiguration } from "./comtrade-configuration.js";
import { ComtradeError } from "./comtrade-error.js";

/** What a data file holds of the channels asked for. */
export interface ComtradeSamples {
	/** One array per channel asked for, in units of the channel; not-a-number where the recorder had no value. */
	readonly values: readonly Float64Array[];
	/** Seconds as stamped; only when the configuration has no sampling rate. */
	readonly stamps_s: Float64Array | undefined;
}

/** What follows the last sample in files written under DOS. */
const endOfFile = 0x1a;

/**
 * Decodes a data file of any of the four types.
 *
 * The number of bytes is checked against the promised number of samples before anything is allocated.
 *
 * @param channels indices into `configuration.analog`
 * @param file     the name to appear in errors
 * @throws ComtradeError
 */
export function decodeData(
	configuration: ComtradeConfiguration,
	bytes: Uint8Array,
	channels: readonly number[],
	file: string,
): ComtradeSamples {
	const sink = new Sink(configuration, channels, file);
	if (configuration.fileType === "ASCII") decodeAscii(configuration, bytes, channels, sink);
	else decodeBinary(configuration, bytes, channels, sink);
	return { values: sink.values, stamps_s: sink.stamps_s };
}

/** Checks numbers and stamps as they come, and keeps the values. */
class Sink {
	readonly file: string;
	values: Float64Array[] = [];
	stamps_s: Float64Array | undefined;
	readonly #configuration: ComtradeConfiguration;
	readonly #channels: readonly number[];
	#lastNumber = 0;

	constructor(configuration: ComtradeConfiguration, channels: readonly number[], file: string) {
		this.#configuration = configuration;
		this.#channels = channels;
		this.file = file;
	}

	/** Call once the file is known to be long enough. */
	allocate(): void {
		const { sampleCount, rates } = this.#configuration;
		this.values = this.#channels.map(() => new Float64Array(sampleCount));
		if (rates.length === 0) this.stamps_s = new Float64Array(sampleCount);
	}

	/** Sample numbers rise by one: a record of another width than configured shows here. */
	number(sample: number, n: number, offset: number): void {
		if (sample > 0 && n !== this.#lastNumber + 1) {
			throw new ComtradeError("sampleNumber", { file: this.file, offset }, `sample ${n} follows ${this.#lastNumber}`);
		}
		this.#lastNumber = n;
	}

	stamp(sample: number, units: number, offset: number): void {
		if (this.stamps_s === undefined) return; // the rate counts, the stamps are rounded
		const time_s = units * this.#configuration.stampUnit_s;
		if (!(time_s < Number.MAX_VALUE) || (sample > 0 && time_s <= this.stamps_s[sample - 1]!)) {
			throw new ComtradeError("timeStamp", { file: this.file, offset }, `time stamp ${units} does not follow`);
		}
		this.stamps_s[sample] = time_s;
	}
}

function decodeBinary(
	configuration: ComtradeConfiguration,
	bytes: Uint8Array,
	channels: readonly number[],
	sink: Sink,
): void {
	const { analog, digitalCount, sampleCount, fileType } = configuration;
	const width = fileType === "BINARY" ? 2 : 4;
	const digitalsAt = 8 + width * analog.length;
	const record = digitalsAt + 2 * Math.ceil(digitalCount / 16);
	let length = bytes.length;
	if (length === record * sampleCount + 1 && bytes[length - 1] === endOfFile) length--;
	if (length !== record * sampleCount) {
		throw new ComtradeError(
			length < record * sampleCount ? "truncated" : "counts",
			{ file: sink.file, offset: Math.min(length, record * sampleCount) },
			`${sampleCount} samples of ${record} bytes are promised, ${length} bytes are there`,
		);
	}
	sink.allocate();
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	for (let n = 0; n < sampleCount; n++) {
		const at = n * record;
		sink.number(n, view.getUint32(at, true), at);
		const stamp = view.getUint32(at + 4, true);
		sink.stamp(n, stamp === 0xffff_ffff ? Number.POSITIVE_INFINITY : stamp, at + 4);
		for (let c = 0; c < channels.length; c++) {
			const { a, b } = analog[channels[c]!]!;
			sink.values[c]![n] = a * readStored(view, at + 8 + width * channels[c]!, fileType) + b;
		}
	}
}

/** A stored value, or not-a-number for the code of a missing one. */
function readStored(view: DataView, at: number, fileType: ComtradeConfiguration["fileType"]): number {
	if (fileType === "BINARY") {
		const stored = view.getInt16(at, true);
		return stored === -0x8000 ? Number.NaN : stored;
	}
	if (fileType === "BINARY32") {
		const stored = view.getInt32(at, true);
		return stored === -0x8000_0000 ? Number.NaN : stored;
	}
	const stored = view.getFloat32(at, true);
	return Math.abs(stored) < 3.4e38 ? stored : Number.NaN; // infinities and the largest numbers stand for nothing
}

const comma = 0x2c;
const numberForm = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
/** The code of a missing value; it counts only where the channel does not declare it as a value. */
const missing = 99_999;
const longestField = 64;

function decodeAscii(
	configuration: ComtradeConfiguration,
	bytes: Uint8Array,
	channels: readonly number[],
	sink: Sink,
): void {
	const { analog, digitalCount, sampleCount } = configuration;
	const fields = 2 + analog.length + digitalCount;
	// Shortest record: a digit for the number, empty fields, commas, one line break (none after the last).
	if (bytes.length < sampleCount * (fields + 1) - 1) {
		throw new ComtradeError(
			"truncated",
			{ file: sink.file, offset: bytes.length },
			`${bytes.length} bytes cannot hold ${sampleCount} samples of ${fields} fields`,
		);
	}
	sink.allocate();
	const wanted = new Int32Array(fields).fill(-1);
	for (let c = 0; c < channels.length; c++) wanted[2 + channels[c]!] = c;
	const reader = new FieldReader(bytes, sink.file);
	for (let n = 0; n < sampleCount; n++) {
		reader.skipBlank();
		for (let f = 0; f < fields; f++) {
			const at = reader.offset;
			const isLast = f === fields - 1;
			if (f > 1 && wanted[f]! < 0) {
				reader.next(isLast);
				continue;
			}
			const value = reader.number(isLast);
			if (f === 0) sink.number(n, value, at);
			else if (f === 1) sink.stamp(n, value, at);
			else {
				const { a, b, greatest } = analog[f - 2]!;
				const stored = value === missing && greatest < missing ? Number.NaN : value;
				sink.values[wanted[f]!]![n] = a * stored + b;
			}
		}
	}
	reader.skipBlank();
	if (!reader.isAtEnd) {
		throw new ComtradeError(
			"counts",
			{ file: sink.file, offset: reader.offset },
			`more than the ${sampleCount} samples promised`,
		);
	}
}

/** Walks over comma-separated fields without cutting the file into lines first. */
class FieldReader {
	readonly #bytes: Uint8Array;
	readonly #file: string;
	#at = 0;

	constructor(bytes: Uint8Array, file: string) {
		this.#bytes = bytes;
		this.#file = file;
	}

	get offset(): number {
		return this.#at;
	}

	get isAtEnd(): boolean {
		return this.#at >= this.#bytes.length;
	}

	/** Skips line breaks and blanks, and the end-of-file mark. */
	skipBlank(): void {
		while (this.#at < this.#bytes.length) {
			const byte = this.#bytes[this.#at]!;
			if (byte !== 0x0d && byte !== 0x0a && byte !== 0x20 && byte !== endOfFile) return;
			this.#at++;
		}
	}

	/** Goes behind the field and its comma; the last field of a record ends with its line. */
	next(isLast: boolean): string {
		const from = this.#at;
		let to = from;
		while (to < this.#bytes.length && !isDelimiter(this.#bytes[to]!)) to++;
		const isEndOfLine = to >= this.#bytes.length || this.#bytes[to] !== comma;
		if (isEndOfLine !== isLast) {
			const reason = isLast ? "more fields than channels" : "the record ends before its last channel";
			throw new ComtradeError(isLast ? "counts" : "truncated", { file: this.#file, offset: to }, reason);
		}
		this.#at = isEndOfLine ? to : to + 1;
		let text = "";
		for (let n = from; n < Math.min(to, from + longestField); n++) text += String.fromCharCode(this.#bytes[n]!);
		return text.trim();
	}

	/** The field as a number; not-a-number when it is empty. */
	number(isLast: boolean): number {
		const at = this.#at;
		const text = this.next(isLast);
		if (text === "") return Number.NaN;
		const value = Number(text);
		if (!numberForm.test(text) || !Number.isFinite(value)) {
			throw new ComtradeError("notNumeric", { file: this.#file, offset: at }, `"${text}" is no number`);
		}
		return value;
	}
}

function isDelimiter(byte: number): boolean {
	return byte === comma || byte === 0x0d || byte === 0x0a || byte === endOfFile;
}
