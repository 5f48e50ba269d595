// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { crc16X25 } from "../../../src/core/crc.js";
import { FrameSearch } from "../../../src/cosem/hdlc/frame-search.js";
import { encodeHdlcFrame, type HdlcAddress, type HdlcFrame, newHdlcFrame } from "../../../src/cosem/hdlc/hdlc-frame.js";
import { fromHex, toHex } from "../../support/client/bytes.js";
import { randomOctets, seededRandom } from "../../support/fake-apdu-handler.js";
import { frame as frameHex, snrm } from "./hdlc-frames.js";

interface HdlcCase {
	id: string;
	what: string;
	data?: string;
	fcs?: string;
	frame?: string;
	segmentation?: boolean;
	destination?: string;
	source_address?: string;
	control?: string;
	information?: string;
	upper?: number;
	lower?: number;
	expect?: string;
}

const { cases } = JSON.parse(readFileSync(new URL("../../vectors/dlms-hdlc.json", import.meta.url), "utf8")) as {
	cases: HdlcCase[];
};

/** Collects what the search finds, copied out of the reused objects. */
class Finder {
	readonly found: { frame: HdlcFrame; information: string }[] = [];
	readonly long: number[] = [];
	readonly search: FrameSearch;

	constructor(maximumLength = 200) {
		this.search = new FrameSearch(maximumLength, this);
	}

	frameReceived(bytes: Uint8Array, frame: HdlcFrame): void {
		const information = toHex(bytes.subarray(frame.informationFrom, frame.informationTo));
		this.found.push({ frame: structuredClone(frame), information });
	}

	longFramePassed(frame: HdlcFrame): void {
		this.long.push(frame.control);
	}

	take(hex: string): this {
		const bytes = fromHex(hex);
		this.search.take(bytes, 0, bytes.length);
		return this;
	}
}

function addressOf(hex: string): HdlcAddress {
	const parts = [...fromHex(hex)].map((octet) => octet >> 1);
	if (parts.length === 1) return { size: 1, upper: parts[0]!, lower: 0 };
	if (parts.length === 2) return { size: 2, upper: parts[0]!, lower: parts[1]! };
	return { size: 4, upper: parts[0]! * 128 + parts[1]!, lower: parts[2]! * 128 + parts[3]! };
}

const good = frameHex("03", "21", 0x10, "e6e600c001c100080000010000ff0200");

describe("HDLC frames", () => {
	for (const vector of cases) {
		if (vector.fcs !== undefined) {
			it(`computes the check sequence of vector ${vector.id}`, () => {
				const data = fromHex(vector.data!);
				const value = crc16X25(data, 0, data.length);
				assert.equal(toHex(Uint8Array.of(value & 255, value >> 8)), vector.fcs);
			});
		} else if (vector.expect === "discard") {
			it(`discards vector ${vector.id}: ${vector.what} (G8)`, () => {
				const finder = new Finder().take(vector.frame!);
				assert.deepEqual(finder.found, []);
				assert.equal(finder.take(good).found.length, 1, "the next frame is found");
			});
		} else {
			it(`decodes and encodes vector ${vector.id}: ${vector.what}`, () => {
				const { found } = new Finder().take(vector.frame!);
				assert.equal(found.length, 1);
				const { frame, information } = found[0]!;
				assert.equal(information, vector.information);
				assert.equal(frame.isSegmented, vector.segmentation);
				assert.equal(frame.control, Number.parseInt(vector.control!, 16));
				assert.deepEqual(frame.destination, addressOf(vector.destination!));
				assert.deepEqual(frame.source, addressOf(vector.source_address!));
				if (vector.upper !== undefined) assert.equal(frame.destination.upper, vector.upper);
				if (vector.lower !== undefined) assert.equal(frame.destination.lower, vector.lower);
				const bytes = new Uint8Array(300).fill(0xa5);
				const field = fromHex(vector.information!);
				const size = encodeHdlcFrame(frame, field, 0, field.length, bytes);
				assert.equal(toHex(bytes.subarray(0, size)), vector.frame);
				assert.equal(bytes[size], 0xa5);
			});
		}
	}

	it("encodes what it decodes, for all address forms and lengths", () => {
		const address = fc.constantFrom(1 as const, 2 as const, 4 as const).chain((size) => {
			const part = fc.nat(size === 4 ? 0x3fff : 0x7f);
			return fc.record(
				{ size: fc.constant(size), upper: part, lower: size === 1 ? fc.constant(0) : part },
				{ noNullPrototype: true },
			);
		});
		fc.assert(
			fc.property(
				address,
				address,
				fc.nat(255),
				fc.boolean(),
				fc.uint8Array({ maxLength: 2030 }),
				(destination, source, control, isSegmented, field) => {
					const bytes = new Uint8Array(2100);
					const frame = { ...newHdlcFrame(), destination, source, control, isSegmented };
					const size = encodeHdlcFrame(frame, field, 0, field.length, bytes);
					const { found } = new Finder(2047).take(toHex(bytes.subarray(0, size)));
					assert.equal(found.length, 1);
					const back = found[0]!;
					assert.deepEqual(back.frame.destination, destination);
					assert.deepEqual(back.frame.source, source);
					assert.equal(back.frame.control, control);
					assert.equal(back.frame.isSegmented, isSegmented);
					assert.equal(back.information, toHex(field));
				},
			),
			{ seed: 2, numRuns: 60 },
		);
	});

	it("refuses to encode what does not fit into the length field", () => {
		assert.throws(
			() => encodeHdlcFrame(newHdlcFrame(), new Uint8Array(2040), 0, 2040, new Uint8Array(3000)),
			RangeError,
		);
	});

	it("finds no frame when any single bit is wrong, and the next one again (G8)", () => {
		for (let bit = 0; bit < good.length * 4; bit++) {
			const bytes = fromHex(good);
			bytes[bit >> 3]! ^= 1 << (bit & 7);
			const finder = new Finder();
			finder.search.take(bytes, 0, bytes.length);
			assert.equal(finder.found.length, 0, `bit ${bit}`);
			finder.search.giveUp();
			assert.equal(finder.take(good).found.length, 1, `after bit ${bit}`);
		}
	});
});

describe("search for HDLC frames", () => {
	it("finds frames in any cut of the stream", () => {
		const stream = fromHex(good + good + frameHex("00020023", "21", snrm));
		for (let size = 1; size < stream.length; size++) {
			const finder = new Finder();
			for (let at = 0; at < stream.length; at += size) {
				finder.search.take(stream, at, Math.min(stream.length, at + size));
			}
			assert.equal(finder.found.length, 3, `pieces of ${size}`);
		}
	});

	it("takes one flag between two frames for both, and any number of flags as fill", () => {
		assert.equal(new Finder().take(good.slice(0, -2) + good).found.length, 2);
		assert.equal(new Finder().take(`7e7e7e${good}7e7e7e${good}`).found.length, 2);
	});

	it("takes a flag inside the information field as data: there is no stuffing", () => {
		const information = `7e7ea0${good}7e`;
		assert.equal(new Finder().take(frameHex("03", "21", 0x10, information)).found[0]!.information, information);
	});

	it("does not look for frames inside a damaged one", () => {
		const outer = fromHex(frameHex("03", "21", 0x10, `00${good}00`));
		outer[12]! ^= 1;
		const finder = new Finder();
		finder.search.take(outer, 0, outer.length);
		assert.equal(finder.found.length, 0);
		assert.equal(finder.search.droppedCount, 1);
	});

	it("finds a frame behind noise that looks like the begin of one", () => {
		for (const noise of ["7ea0", "7ea008", "7e7ea7ff0321", "7ea7ff032110abcd", "55aa7e00"]) {
			const finder = new Finder().take(noise + good);
			if (finder.found.length === 0) finder.search.giveUp();
			assert.equal(finder.found.length, 1, noise);
		}
	});

	it("is not kept waiting by a false begin whose HCS is wrong", () => {
		assert.equal(new Finder().take(`7ea7ff0321100000${good}`).found.length, 1);
	});

	it("reports a frame that is longer than its buffer after it has passed, and keeps nothing of it (SEC-mem)", () => {
		const long = frameHex("03", "21", 0x10, "5a".repeat(300));
		const finder = new Finder(100);
		finder.take(long.slice(0, -2));
		assert.deepEqual(finder.long, []);
		finder.take("7e");
		assert.deepEqual(finder.long, [0x10]);
		assert.equal(finder.take(good).found.length, 1);
	});

	it("finds every frame between bursts of random octets, without growing (G8)", () => {
		const random = seededRandom(5);
		for (let run = 0; run < 500; run++) {
			const finder = new Finder(64);
			const noise = randomOctets(random, Math.floor(random() * 100), [0x7e, 0xa0, 0x03, 0x21, 0x10]);
			finder.search.take(noise, 0, noise.length);
			finder.search.giveUp();
			const before = finder.found.length;
			finder.take(good);
			assert.equal(finder.found.length, before + 1);
		}
	});
});
