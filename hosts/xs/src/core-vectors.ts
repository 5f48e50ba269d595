// SPDX-License-Identifier: Apache-2.0
import { crc16Ccitt, crc16X25, crc32 } from "../../../src/core/crc.js";
import { deepFreeze } from "../../../src/core/deep-freeze.js";
import { areSame } from "../../../src/core/same-octets.js";
import { CodecError } from "../../../src/cosem/codec/codec-error.js";
import { Reader } from "../../../src/cosem/codec/reader.js";
import { skipValue } from "../../../src/cosem/codec/skip-value.js";
import { boardSm402d, boardSt402c, boardSt402d } from "../../../src/models/board.js";

const table = deepFreeze({ rows: [{ id: 1, name: "one" }], make: (n: number) => n + 1 });

/** Prints a double as its 8 octets, so that the comparison with node is one of bits. */
function printDouble(label: string, value: number): void {
	const octets = new Uint8Array(8);
	new DataView(octets.buffer).setFloat64(0, value);
	dump(label, octets);
}

/** Values of every type, in an array of structures, nested as deep as may be; then changed in one octet after the other. */
// biome-ignore format: octets
const everyType = Object.freeze([
	0x01, 8, 0x02, 6, 0x00, 0xff, 0x03, 1, 0x0d, 9, 0x0f, 1, 0x11, 2, 0x02, 4, 0x10, 1, 2, 0x12, 1, 2, 0x20, 1, 2, 0x1d, 1,
	2, 0x02, 5, 0x05, 1, 2, 3, 4, 0x06, 1, 2, 3, 4, 0x17, 1, 2, 3, 4, 0x1b, 1, 2, 3, 4, 0x21, 1, 2, 3, 4, 0x02, 3, 0x14, 1, 2,
	3, 4, 5, 6, 7, 8, 0x15, 1, 2, 3, 4, 5, 6, 7, 8, 0x18, 1, 2, 3, 4, 5, 6, 7, 8, 0x02, 2, 0x1a, 1, 2, 3, 4, 5, 0x19, 1, 2, 3,
	4, 5, 6, 7, 8, 9, 10, 11, 12, 0x02, 4, 0x09, 2, 1, 2, 0x0a, 0x81, 1, 65, 0x0c, 0x82, 0, 2, 65, 66, 0x04, 9, 1, 2, 0x13,
	0x02, 2, 0x11, 0x12, 6, 1, 2, 3, 4, 5, 6, 0x01, 1, 0x01, 1, 0x01, 1, 0x01, 1, 0x01, 1, 0x01, 1, 0x01, 0,
]);

/** Where a value ends, or why there is none. */
function endOf(bytes: Uint8Array, from: number, to: number): string {
	const r = new Reader(bytes, from, to);
	try {
		skipValue(r);
		return String(r.position);
	} catch (error) {
		return error instanceof CodecError ? `${error.code} at ${error.offset}` : "failed";
	}
}

function passValues(): void {
	const bytes = new Uint8Array(everyType.length + 2);
	bytes.set(everyType, 1);
	const { length } = everyType;
	print(endOf(bytes, 1, length + 1), endOf(bytes, 0, length + 1), endOf(bytes, 1, bytes.length));
	for (let n = 1; n <= length; n++) {
		const octet = bytes[n]!;
		const ends = [endOf(bytes, n, length + 1), endOf(bytes, 1, n)];
		for (const other of [0, 1, 3, 9, 0x13, 0x22, 0x80, 0x83, 0x84, 0x85, 0xfe, 0xff, octet ^ 1, octet + 1]) {
			bytes[n] = other;
			ends.push(endOf(bytes, 1, length + 1));
		}
		bytes[n] = octet;
		print(n, ends.join());
	}
	const long = new Uint8Array(600);
	long.set([0x01, 0x82, 2, 0]);
	print(endOf(long, 0, 516), endOf(long, 0, 515));
	long[3] = 1;
	print(endOf(long, 0, 600));
}

/** CRCs, comparison and the end of values (native code on the board), freezing, and the arithmetic of the board constants: the same on the engine as under node. */
export default function run(): void {
	const digits = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9], (n) => 0x30 + n);
	check("CRC-16/X.25 of 123456789 is 0x906E", crc16X25(digits, 0, 9) === 0x906e);
	check("CRC-16/CCITT-FALSE of 123456789 is 0x29B1", crc16Ccitt(digits, 0, 9) === 0x29b1);
	check("CRC-32 of 123456789 is 0xCBF43926", crc32(digits, 0, 9) === 0xcbf43926);

	const octets = new Uint8Array(251);
	for (let n = 0; n < octets.length; n++) octets[n] = (n * 167 + 13) & 255;
	for (const to of [0, 1, 2, 17, 250, 251]) {
		print(to, crc16X25(octets, 0, to), crc16Ccitt(octets, 0, to), crc32(octets, 0, to), crc32(octets, 0, to, to));
	}
	const view = octets.subarray(7);
	for (let from = 0, seed = 1; from < 200; from += 13, seed = (seed * 5) >>> 0) {
		const to = view.length - (from >> 3);
		print(from, crc16X25(view, from, to), crc16Ccitt(view, from, to), crc32(view, from, to, seed));
	}

	const other = octets.slice();
	other[200] = other[200]! ^ 1;
	const starts = [0, 1, 7, 100, 200, 201, 250, 251];
	for (let n = 0; n < starts.length; n++) {
		const from = starts[n]!;
		const left = octets.length - from;
		print(
			from,
			areSame(octets, from, other, from, left),
			areSame(octets, from, view, Math.max(from - 7, 0), left >> 1),
		);
	}

	passValues();

	check("a deeply frozen table is frozen to its leaves", Object.isFrozen(table.rows[0]) && Object.isFrozen(table.make));

	for (const board of [boardSm402d, boardSt402d, boardSt402c]) {
		printDouble("voltage", board.voltageFullScale_mV);
		printDouble("current", board.currentFullScale_mA);
		printDouble("neutral", board.neutralFullScale_mA);
	}
	// Correctly rounded by IEEE 754, hence alike everywhere; sines and logarithms are not and must not reach a result.
	for (let n = 1; n <= 64; n++) printDouble("root", Math.sqrt(n / 3));
	print(2 ** 53 - 1, 1e21, 1 / 3, -0, 123456789n ** 5n);
}
