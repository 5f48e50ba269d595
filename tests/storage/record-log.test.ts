// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { FaultyFlash } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { DeviceError } from "../../src/core/device-error.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { between, seededRandom } from "./random.js";

const sectorSize = 512;

function bytesOf(length: number, first: number): Uint8Array {
	return Uint8Array.from({ length }, (_, n) => (first + n * 7) & 255);
}

function newestOf(log: RecordLog, key: number): string | undefined {
	const into = new Uint8Array(sectorSize).fill(0xa5);
	const length = log.read(key, into);
	return length < 0 ? undefined : Buffer.from(into.subarray(0, length)).toString("hex");
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

describe("record log", () => {
	it("gives back what was written, after a restart too", () => {
		const flash = new MemoryFlash(4, sectorSize);
		const log = new RecordLog(flash, 0, 4);
		assert.equal(newestOf(log, 7), undefined);
		log.write(7, bytesOf(20, 1));
		log.write(255, bytesOf(0, 0));
		log.write(0, bytesOf(64, 9), 5);
		for (const reader of [log, new RecordLog(flash, 0, 4)]) {
			assert.equal(newestOf(reader, 7), hex(bytesOf(20, 1)));
			assert.equal(newestOf(reader, 255), "");
			assert.equal(newestOf(reader, 0), hex(bytesOf(5, 9)));
			assert.equal(newestOf(reader, 1), undefined);
		}
	});

	it("refuses keys, lengths and buffers out of range, unchanged", () => {
		const log = new RecordLog(new MemoryFlash(3, sectorSize), 0, 3);
		log.write(1, bytesOf(10, 0));
		assert.throws(() => log.write(256, bytesOf(1, 0)), RangeError);
		assert.throws(() => log.write(-1, bytesOf(1, 0)), RangeError);
		assert.throws(() => log.write(1, bytesOf(log.maximumLength + 1, 0)), RangeError);
		assert.throws(() => log.write(1, bytesOf(4, 0), 5), RangeError);
		assert.throws(() => log.read(1, new Uint8Array(9)), RangeError);
		assert.equal(newestOf(log, 1), hex(bytesOf(10, 0)));
		log.write(2, bytesOf(log.maximumLength, 3));
		assert.equal(newestOf(log, 2), hex(bytesOf(log.maximumLength, 3)));
	});

	it("G5 tells a value that was there and cannot be read any more from one that never was, not so what power was cut in", () => {
		const flash = new MemoryFlash(4, sectorSize);
		const log = new RecordLog(flash, 0, 4);
		log.write(7, bytesOf(20, 1));
		log.write(8, bytesOf(20, 2));
		const damage = (key: number) => {
			const image = new Uint8Array(4 * sectorSize);
			flash.read(0, image);
			for (let at = 0; at < image.length - 12; at += 4)
				if (image[at] === 0x5a && image[at + 1] === key) flash.overwrite(at + 15, Uint8Array.of(image[at + 15]! ^ 4));
		};
		damage(7);
		const again = new RecordLog(flash, 0, 4);
		assert.deepEqual([again.isLost(7), newestOf(again, 7)], [true, undefined]);
		assert.deepEqual([again.isLost(8), again.isLost(9)], [false, false]);
		again.write(7, bytesOf(20, 3));
		for (const reader of [again, new RecordLog(flash, 0, 4)]) {
			assert.equal(reader.isLost(7), false);
			assert.equal(newestOf(reader, 7), hex(bytesOf(20, 3)));
		}
		for (let cut = 1; cut < 8; cut++) {
			const part = new FaultyFlash(new MemoryFlash(4, sectorSize), seededRandom(cut));
			const first = new RecordLog(part, 0, 4);
			first.write(8, bytesOf(20, 2));
			part.cutAfter(cut);
			try {
				first.write(7, bytesOf(20, 1));
			} catch {}
			part.restore();
			for (let start = 0; start < 2; start++) assert.equal(new RecordLog(part, 0, 4).isLost(7), false, `cut ${cut}`);
		}
	});

	it("keeps the newest of each key over many turns of the ring", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 2, max: 6 }),
				fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 60 }), fc.nat(255)), {
					maxLength: 200,
				}),
				(sectors, writes) => {
					const flash = new MemoryFlash(sectors + 3, sectorSize);
					const model = new Map<number, string>();
					let log = new RecordLog(flash, 2, sectors);
					for (const [key, length, first] of writes) {
						if (first < 16) log = new RecordLog(flash, 2, sectors);
						const bytes = bytesOf(length, first);
						try {
							log.write(key, bytes);
							model.set(key, hex(bytes));
						} catch (error) {
							assert.ok(error instanceof DeviceError && error.code === "full");
						}
						for (let k = 0; k < 10; k++) assert.equal(newestOf(log, k), model.get(k));
					}
					log = new RecordLog(flash, 2, sectors);
					for (let k = 0; k < 10; k++) assert.equal(newestOf(log, k), model.get(k));
					assert.equal(flash.statistics.violations, 0);
					assert.deepEqual([flash.eraseCounts[0], flash.eraseCounts[1], flash.eraseCounts[sectors + 2]], [0, 0, 0]);
				},
			),
			{ numRuns: 60 },
		);
	});

	it("wears all sectors alike although one record changes and the others rest", () => {
		const flash = new MemoryFlash(8, sectorSize);
		const log = new RecordLog(flash, 0, 8);
		for (let key = 10; key < 30; key++) log.write(key, bytesOf(40, key));
		for (let n = 0; n < 20_000; n++) log.write(1, Uint8Array.of(n, n >> 8, 3, 4, 5, 6, 7, 8));
		for (let key = 10; key < 30; key++) assert.equal(newestOf(log, key), hex(bytesOf(40, key)));
		const counts = [...flash.eraseCounts];
		assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
		assert.equal(log.maximumEraseCount(), Math.max(...counts), "the headers tell the count");
		// 24 octets a record, 480 a sector, of which every turn carries 20 records of 52
		assert.ok(counts[0]! < (20_000 * 24) / (8 * 480 - 20 * 52 - 480) + 10, `${counts[0]} erasures`);
	});

	it("does not write an unchanged value again (SEC-wear)", () => {
		const flash = new MemoryFlash(2, sectorSize);
		const log = new RecordLog(flash, 0, 2);
		const value = bytesOf(40, 5);
		log.write(1, value);
		const before = { ...flash.statistics };
		for (let n = 0; n < 100_000; n++) log.write(1, value);
		assert.deepEqual(flash.statistics, before);
	});

	it("says full, keeps everything and goes on with smaller records", () => {
		const log = new RecordLog(new MemoryFlash(3, sectorSize), 0, 3);
		let key = 0;
		const isFull = (error: unknown) => error instanceof DeviceError && error.part === "flash" && error.code === "full";
		assert.throws(() => {
			for (; key < 100; key++) log.write(key, bytesOf(60, key));
		}, isFull);
		assert.ok(key >= 10, `${key} records of 72 octets in two sectors of 480`);
		for (let n = 0; n < 10; n++) assert.throws(() => log.write(99, bytesOf(60, 99)), isFull);
		for (let k = 0; k < key; k++) assert.equal(newestOf(log, k), hex(bytesOf(60, k)));
		log.write(0, bytesOf(0, 0));
		assert.equal(newestOf(log, 0), "");
	});

	it("leaves the old value when the part refuses, and recovers with it", () => {
		for (const refusal of ["program", "erase", "everything"] as const) {
			const part = new MemoryFlash(3, sectorSize);
			const flash = new FaultyFlash(part, seededRandom(1));
			const log = new RecordLog(flash, 0, 3);
			log.write(1, bytesOf(200, 1));
			log.write(2, bytesOf(200, 2));
			flash.refuses = refusal;
			for (let n = 0; n < 5; n++)
				assert.throws(
					() => log.write(1, bytesOf(200, 100 + n)),
					(error) => error instanceof DeviceError && error.code === "refused",
				);
			flash.refuses = "nothing";
			for (const reader of [log, new RecordLog(part, 0, 3)]) {
				assert.equal(newestOf(reader, 1), hex(bytesOf(200, 1)), refusal);
				assert.equal(newestOf(reader, 2), hex(bytesOf(200, 2)), refusal);
			}
			log.write(1, bytesOf(200, 77));
			assert.equal(newestOf(new RecordLog(part, 0, 3), 1), hex(bytesOf(200, 77)));
		}
	});

	it("leaves the old value when the medium fills up in the middle of a record", () => {
		for (let room = 0; room < 60; room++) {
			const part = new MemoryFlash(3, sectorSize);
			const flash = new FaultyFlash(part, seededRandom(1));
			const log = new RecordLog(flash, 0, 3);
			log.write(1, bytesOf(40, 1));
			flash.room_octets = room;
			let isWritten = true;
			try {
				log.write(1, bytesOf(40, 2));
			} catch (error) {
				isWritten = false;
				assert.ok(error instanceof DeviceError && error.code === "full");
			}
			assert.equal(isWritten, room >= 52);
			const expected = hex(bytesOf(40, isWritten ? 2 : 1));
			assert.equal(newestOf(log, 1), expected);
			assert.equal(newestOf(new RecordLog(part, 0, 3), 1), expected);
		}
	});

	it("never gives a damaged record for a flipped bit, and goes on", () => {
		const random = seededRandom(5);
		let lost = 0;
		for (let run = 0; run < 400; run++) {
			const part = new MemoryFlash(3, sectorSize);
			const flash = new FaultyFlash(part, random);
			const log = new RecordLog(flash, 0, 3);
			const known = new Map<number, Set<string | undefined>>();
			for (let n = 0; n < 12; n++) {
				const key = between(random, 0, 3);
				const bytes = bytesOf(between(random, 1, 50), n);
				log.write(key, bytes);
				known.set(key, (known.get(key) ?? new Set([undefined])).add(hex(bytes)));
			}
			const newest = [0, 1, 2, 3].map((key) => newestOf(log, key));
			flash.flip(between(random, 0, 3 * sectorSize - 1), between(random, 0, 7));
			const after = new RecordLog(flash, 0, 3);
			for (let key = 0; key < 4; key++) {
				const value = newestOf(after, key);
				if (value !== newest[key]) lost++;
				assert.ok(value === undefined || known.get(key)?.has(value));
			}
			after.write(9, bytesOf(30, 9));
			assert.equal(newestOf(new RecordLog(flash, 0, 3), 9), hex(bytesOf(30, 9)));
		}
		assert.ok(lost < 100, `${lost} of 1600 values; a flip in the 32 octets of a sector header hides the sector`);
	});

	it("reports a record that was damaged after the start instead of giving it", () => {
		const flash = new FaultyFlash(new MemoryFlash(2, sectorSize), seededRandom(1));
		const log = new RecordLog(flash, 0, 2);
		log.write(1, bytesOf(100, 1));
		flash.flip(32 + 12 + 50, 3);
		assert.throws(
			() => newestOf(log, 1),
			(error) => error instanceof DeviceError && error.code === "corrupt",
		);
		log.write(1, bytesOf(100, 1));
		assert.equal(newestOf(log, 1), hex(bytesOf(100, 1)));
	});

	it("replaces a record that does not read back", () => {
		const part = new MemoryFlash(3, sectorSize);
		const log = new RecordLog(part, 0, 3);
		log.write(1, bytesOf(50, 1));
		part.overwrite(32 + 64 + 12 + 20, Uint8Array.of(0)); // worn out cells in blank place
		log.write(1, bytesOf(50, 2));
		for (const reader of [log, new RecordLog(part, 0, 3)]) assert.equal(newestOf(reader, 1), hex(bytesOf(50, 2)));
	});

	it("formats what it does not know, and knows its own place only", () => {
		const flash = new MemoryFlash(8, sectorSize);
		new RecordLog(flash, 0, 4).write(1, bytesOf(9, 1));
		assert.equal(newestOf(new RecordLog(flash, 0, 3), 1), undefined, "another size of ring");
		assert.equal(newestOf(new RecordLog(flash, 4, 4), 1), undefined);
		assert.throws(() => new RecordLog(flash, 5, 4), RangeError);
		assert.throws(() => new RecordLog(flash, 0, 1), RangeError);
		const random = seededRandom(3);
		const noise = Uint8Array.from({ length: 8 * sectorSize }, () => random() * 256);
		flash.overwrite(0, noise);
		const log = new RecordLog(flash, 0, 4);
		assert.equal(newestOf(log, 1), undefined);
		log.write(1, bytesOf(9, 1));
		assert.equal(newestOf(new RecordLog(flash, 0, 4), 1), hex(bytesOf(9, 1)));
	});

	it("needs no erasure for a record that room was made for", () => {
		const flash = new MemoryFlash(4, sectorSize);
		const log = new RecordLog(flash, 0, 4);
		for (let n = 0; n < 300; n++) {
			log.makeRoom(120);
			const erases = flash.statistics.erases;
			log.write(1, bytesOf(120, n));
			assert.equal(flash.statistics.erases, erases);
		}
	});
});

describe("record log under power cuts (G3, G5, SEC-ic)", () => {
	function torture(seed: number, sectors: number, rounds: number): { cuts: number; cutsAtStart: number } {
		const random = seededRandom(seed);
		const keys = sectors === 2 ? 6 : 8; // of up to 68 octets
		const part = new MemoryFlash(sectors, sectorSize);
		const flash = new FaultyFlash(part, random);
		const model = new Map<number, string>();
		let cuts = 0;
		let cutsAtStart = 0;
		/** Starts until one start succeeds; starts are cut too. */
		const start = (): RecordLog => {
			for (let n = 0; ; n++) {
				flash.restore();
				if (random() < 0.6 && n < 6) flash.cutAfter(between(random, 1, 4));
				try {
					return new RecordLog(flash, 0, sectors);
				} catch (error) {
					if (!flash.isCut) throw error;
					cutsAtStart++;
				}
			}
		};
		let log = start();
		for (let round = 0; round < rounds; round++) {
			if (random() < 0.9) flash.cutAfter(between(random, 1, random() < 0.5 ? 6 : 60));
			let pendingKey = -1;
			let pending = "";
			try {
				for (let n = 0; n < 30; n++) {
					const key = between(random, 0, keys - 1);
					const bytes = bytesOf(between(random, 0, 55), between(random, 0, 255));
					pendingKey = key;
					pending = hex(bytes);
					log.write(key, bytes);
					model.set(key, pending);
					pendingKey = -1;
				}
			} catch (error) {
				if (!flash.isCut) throw error;
				cuts++;
			}
			log = start();
			for (let key = 0; key < keys; key++) {
				const value = newestOf(log, key);
				if (key === pendingKey && value === pending) model.set(key, pending);
				assert.equal(value, model.get(key), `seed ${seed} round ${round} key ${key}`);
			}
		}
		assert.equal(part.statistics.violations, 0, `seed ${seed}`);
		return { cuts, cutsAtStart };
	}

	it("has every acknowledged write, no mixture, and a stable answer, whatever write is torn", () => {
		let cuts = 0;
		let cutsAtStart = 0;
		for (let seed = 1; seed <= 24; seed++) {
			const result = torture(seed, 2 + (seed % 4), 150);
			cuts += result.cuts;
			cutsAtStart += result.cutsAtStart;
		}
		assert.ok(cuts > 2500 && cutsAtStart > 800, `${cuts} cuts, ${cutsAtStart} at start`);
	});

	it("survives each single cut of a full turn of the ring, and a second cut at each step of the start after it", () => {
		const sectors = 3;
		const run = (cutAt: number, startCut: number): boolean => {
			const flash = new FaultyFlash(new MemoryFlash(sectors, sectorSize), seededRandom(cutAt * 16 + startCut));
			const written = new Map<number, string>();
			let pending: [number, string] = [-1, ""];
			let log = new RecordLog(flash, 0, sectors);
			flash.cutAfter(cutAt);
			let isCut = false;
			try {
				for (let n = 0; n < 36; n++) {
					const bytes = bytesOf(40, n);
					pending = [n % 6, hex(bytes)];
					log.write(n % 6, bytes);
					written.set(...pending);
					pending = [-1, ""];
				}
			} catch {
				isCut = flash.isCut;
			}
			flash.restore();
			flash.cutAfter(startCut);
			try {
				log = new RecordLog(flash, 0, sectors);
			} catch {
				flash.restore();
				log = new RecordLog(flash, 0, sectors);
			}
			flash.restore();
			for (let key = 0; key < 6; key++) {
				const value = newestOf(log, key);
				if (key === pending[0] && value === pending[1]) continue;
				assert.equal(value, written.get(key), `cut at ${cutAt}, start cut at ${startCut}`);
			}
			return isCut;
		};
		let cutAt = 1;
		for (; run(cutAt, 1); cutAt++) for (let startCut = 2; startCut <= 5; startCut++) run(cutAt, startCut);
		assert.ok(cutAt > 110, `${cutAt} writes`);
	});
});
