// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { crc32 } from "../../src/core/crc.js";
import { EnergyRegisters, unitsWrap } from "../../src/metrology/energy-registers.js";
import {
	decodeFull,
	decodeGiven,
	encodeFull,
	encodeGiven,
	fullRecordLength,
	givenRecordLength,
} from "../../src/metrology/register-records.js";

const numerator = 0x15_0000_0007;

function make(phases: 1 | 3 = 1): EnergyRegisters {
	return new EnergyRegisters(phases, numerator, 4096, "vector", "rms");
}

function filled(phases: 1 | 3 = 1): EnergyRegisters {
	const registers = make(phases);
	for (let n = 0; n < registers.counts.length; n++) {
		registers.counts[n] = n === 9 ? unitsWrap - 1 : n * 0x1_0203;
		registers.remainders[n] = n === 9 ? numerator - 1 : n * 0x1_0000_0001;
	}
	registers.directions[0] = 3;
	return registers;
}

/** Octets of version 1, single phase; written down once and never to be changed. */
const fullVersion1 =
	"010a00000007" + // version, registers, sequence
	"00150000000700001000" + // numerator, denominator
	"03" + // directions of the total
	"0000000000000000000000" + // counts of 5 octets, remainders of 6
	"0000010203000100000001" +
	"0000020406000200000002" +
	"0000030609000300000003" +
	"000004080c000400000004" +
	"0000050a0f000500000005" +
	"0000060c12000600000006" +
	"0000070e15000700000007" +
	"0000081018000800000008" +
	"09ffffffff001500000006" +
	"1c7b4457"; // CRC-32 of all before
const givenVersion1 =
	"010a00000008" +
	"0000000000000001020300000204060000030609000004080c0000050a0f0000060c120000070e15000008101809ffffffff" +
	"558b525f";

const hex = (bytes: Uint8Array, length: number) => Buffer.from(bytes.subarray(0, length)).toString("hex");
const octets = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

/** The record with octet `at` replaced and its checksum made right again. */
function altered(text: string, at: number, value: number): Uint8Array {
	const bytes = octets(text);
	bytes[at] = value;
	new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes, 0, bytes.length - 4));
	return bytes;
}

describe("metrology/register-records", () => {
	it("keeps the octets of version 1", () => {
		const bytes = new Uint8Array(200).fill(0xa5);
		let length = encodeFull(filled(), 7, bytes);
		assert.equal(hex(bytes, length), fullVersion1);
		assert.equal(bytes[length], 0xa5);
		length = encodeGiven(filled(), 8, bytes);
		assert.equal(hex(bytes, length), givenVersion1);
	});

	it("reads version 1", () => {
		const registers = make();
		assert.equal(decodeFull(octets(fullVersion1), fullVersion1.length / 2, registers), 7);
		assert.deepEqual(registers.counts, filled().counts);
		assert.deepEqual(registers.remainders, filled().remainders);
		assert.deepEqual(registers.directions, filled().directions);
	});

	it("takes newer counts from the given-record, without remainder where they rose", () => {
		const registers = filled();
		const given = altered(givenVersion1, 6 + 5 * 4 + 4, 0x0d); // register 4 one unit up
		assert.equal(decodeGiven(given, given.length, 7, registers), 8);
		assert.equal(registers.counts[4], filled().counts[4]! + 1);
		assert.equal(registers.remainders[4], 0);
		assert.equal(registers.remainders[5], filled().remainders[5]);
	});

	it("ignores a given-record that is not newer than the full one", () => {
		const registers = make();
		assert.equal(decodeGiven(octets(givenVersion1), givenVersion1.length / 2, 8, registers), -1);
		assert.deepEqual(registers.counts, make().counts);
	});

	it("decode(encode(v)) is v for any counts, remainders and sequence", () => {
		const register = fc.tuple(
			fc.integer({ min: 0, max: unitsWrap - 1 }),
			fc.integer({ min: 0, max: numerator - 1 }),
			fc.constantFrom<0 | 1 | 2 | 3>(0, 1, 2, 3),
		);
		const all = fc.array(register, { minLength: 40, maxLength: 40 });
		fc.assert(
			fc.property(all, fc.integer({ min: 0, max: 0xffff_ffff }), (values, sequence) => {
				const registers = make(3);
				values.forEach(([count, remainder, direction], n) => {
					registers.counts[n] = count;
					registers.remainders[n] = remainder;
					if (n < 4) registers.directions[n] = direction;
				});
				const bytes = new Uint8Array(fullRecordLength(registers));
				assert.equal(encodeFull(registers, sequence, bytes), bytes.length);
				const back = make(3);
				assert.equal(decodeFull(bytes, bytes.length, back), sequence);
				assert.deepEqual(back.counts, registers.counts);
				assert.deepEqual(back.remainders, registers.remainders);
				assert.deepEqual(back.directions, registers.directions);
			}),
			{ numRuns: 50 },
		);
	});

	it("refuses any flipped bit, any other length and the record of another kind of meter, and changes nothing", () => {
		const bytes = octets(fullVersion1);
		for (let bit = 0; bit < bytes.length * 8; bit++) {
			const broken = bytes.slice();
			broken[bit >> 3]! ^= 1 << (bit & 7);
			const registers = make();
			assert.equal(decodeFull(broken, broken.length, registers), -1);
			assert.deepEqual(registers.counts, make().counts);
		}
		const longer = new Uint8Array(200);
		longer.set(bytes);
		for (let length = 0; length < longer.length; length++) {
			if (length !== bytes.length) assert.equal(decodeFull(longer, length, make()), -1);
		}
		assert.equal(decodeFull(bytes, bytes.length, make(3)), -1);
	});

	it("refuses values out of range even when the checksum is right", () => {
		const count = altered(fullVersion1, 17, 0x0a); // count 0x0A_0000_0000 = 10 * 2^32
		assert.equal(decodeFull(count, count.length, make()), -1);
		const remainder = altered(fullVersion1, 23, 0x15); // 0x15_0000_0000 is below the numerator, one octet more is not
		assert.equal(decodeFull(remainder, remainder.length, make()), 7);
		remainder[27] = 7;
		const tooLarge = altered(hex(remainder, remainder.length), 27, 7);
		assert.equal(decodeFull(tooLarge, tooLarge.length, make()), -1);
		const version = altered(fullVersion1, 0, 2);
		assert.equal(decodeFull(version, version.length, make()), -1);
	});

	it("drops the remainders when the unit has changed", () => {
		const registers = new EnergyRegisters(1, numerator + 1, 4096, "vector", "rms");
		assert.equal(decodeFull(octets(fullVersion1), fullVersion1.length / 2, registers), 7);
		assert.deepEqual(registers.counts, filled().counts);
		assert.deepEqual(registers.remainders, new Array(10).fill(0));
	});

	it("refuses a buffer that is too small", () => {
		assert.throws(() => encodeFull(make(), 0, new Uint8Array(fullRecordLength(make()) - 1)), RangeError);
		assert.throws(() => encodeGiven(make(), 0, new Uint8Array(givenRecordLength(make()) - 1)), RangeError);
	});
});
