// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { FaultyFlash } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { DeviceError } from "../../src/core/device-error.js";
import type { Flash } from "../../src/ports/flash.js";
import { LogBuffers } from "../../src/storage/log-buffers.js";
import { RingLog } from "../../src/storage/ring-log.js";
import { between, seededRandom } from "./random.js";

const sectorSize = 512;
const rowSize = 43; // slots of 48 octets, 10 in a sector

function open(flash: Flash, sectors: number, capacity = 1e6, generation = 1, size = rowSize): RingLog {
	return new RingLog(flash, 0, sectors, { rowSize: size, capacity, generation });
}

/** A row that tells its value; all its octets depend on it. */
function rowOf(value: number, size = rowSize): Uint8Array {
	const row = Uint8Array.from({ length: size }, (_, n) => (value * 31 + n * 5) & 255);
	new DataView(row.buffer).setUint32(0, value);
	return row;
}

/** Value of a row, -1 when there is none; a row with a wrong octet fails the test. */
function readValue(log: RingLog, number: number, size = rowSize): number {
	const row = new Uint8Array(size).fill(0xa5);
	if (!log.read(number, row)) return -1;
	const value = new DataView(row.buffer).getUint32(0);
	assert.deepEqual(row, rowOf(value, size), "a torn row was given out");
	return value;
}

function valuesOf(log: RingLog): number[] {
	const values: number[] = [];
	for (let n = log.firstNumber; n < log.nextNumber; n++) values.push(readValue(log, n));
	return values;
}

describe("ring log", () => {
	it("gives rows by absolute number, and the stated capacity of them", () => {
		for (const [sectors, capacity] of [
			[3, 1],
			[3, 10],
			[5, 25],
			[6, 40],
		] as const) {
			const flash = new MemoryFlash(sectors, sectorSize);
			let log = open(flash, sectors, capacity);
			assert.equal(log.capacity, capacity);
			assert.deepEqual([log.firstNumber, log.nextNumber], [0, 0]);
			for (let value = 0; value < 200; value++) {
				log.append(rowOf(value));
				if (value % 7 === 0) log = open(flash, sectors, capacity);
				assert.equal(log.nextNumber, value + 1);
				assert.equal(log.entriesInUse, Math.min(capacity, value + 1));
				const number = log.firstNumber + ((value * 13) % log.entriesInUse);
				assert.equal(readValue(log, number), number);
				assert.equal(readValue(log, log.firstNumber), log.firstNumber);
				assert.equal(readValue(log, value), value);
				assert.equal(readValue(log, log.firstNumber - 1), -1);
				assert.equal(readValue(log, log.nextNumber), -1);
			}
			assert.equal(flash.statistics.violations, 0);
		}
	});

	it("promises no more rows than fit, whatever their size", () => {
		assert.equal(RingLog.rowsThatFit(4096, 10, 512), 8 * 7);
		assert.equal(RingLog.rowsThatFit(4096, 2, 10), 0);
		for (let size = 1; size < sectorSize - 40; size += 17) {
			const flash = new MemoryFlash(4, sectorSize);
			const log = open(flash, 4, 1e6, 1, size);
			const fits = 2 * Math.floor(480 / (size + 5));
			assert.equal(log.capacity, fits);
			for (let value = 0; value < 4 * fits; value++) log.append(rowOf(value, Math.max(size, 4)).subarray(0, size));
			assert.equal(log.entriesInUse, fits);
			const row = new Uint8Array(size);
			for (let n = log.firstNumber; n < log.nextNumber; n++) assert.ok(log.read(n, row));
		}
		assert.throws(() => open(new MemoryFlash(4, sectorSize), 4, 10, 1, 480), RangeError);
		assert.throws(() => open(new MemoryFlash(4, sectorSize), 2), RangeError);
		assert.throws(() => open(new MemoryFlash(4, sectorSize), 4).append(new Uint8Array(7)), RangeError);
	});

	it("clears and stores a first row in one step: over cuts at every write it shows all old rows or that one alone", () => {
		const sectors = 4;
		for (let cut = 1; ; cut++) {
			const flash = new FaultyFlash(new MemoryFlash(sectors, sectorSize), seededRandom(cut));
			let log = open(flash, sectors);
			for (let value = 0; value < 13; value++) log.append(rowOf(value));
			flash.cutAfter(cut);
			let isDone = true;
			try {
				log.clear(rowOf(1000));
			} catch (error) {
				if (!flash.isCut) throw error;
				isDone = false;
			}
			flash.restore();
			log = open(flash, sectors);
			const values = valuesOf(log);
			assert.equal(log.entriesInUse, values.length);
			if (isDone || values.length === 1) assert.deepEqual(values, [1000]);
			else assert.deepEqual(values, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
			log.append(rowOf(1001));
			assert.equal(valuesOf(log).at(-1), 1001);
			if (isDone) break;
			assert.ok(cut < 20);
		}
	});

	it("keeps all rows when the part refuses a clear with a first row", () => {
		for (const room of [0, 31, 32, 33, 60]) {
			const flash = new FaultyFlash(new MemoryFlash(4, sectorSize), seededRandom(room));
			const log = open(flash, 4);
			for (let value = 0; value < 5; value++) log.append(rowOf(value));
			flash.room_octets = room;
			assert.throws(() => log.clear(rowOf(9)), DeviceError);
			flash.room_octets = Infinity;
			assert.deepEqual(valuesOf(log), [0, 1, 2, 3, 4]);
			log.append(rowOf(5));
			log.clear(rowOf(6));
			log.append(rowOf(7));
			assert.deepEqual(valuesOf(log), [6, 7]);
			assert.deepEqual(valuesOf(open(flash, 4)), [6, 7]);
		}
	});

	it("clears at once; old numbers do not come back", () => {
		const flash = new MemoryFlash(4, sectorSize);
		let log = open(flash, 4);
		log.clear();
		assert.equal(flash.statistics.erases, 0, "nothing to clear");
		for (let value = 0; value < 15; value++) log.append(rowOf(value));
		log.clear();
		for (let n = 0; n < 3; n++) {
			assert.deepEqual([log.firstNumber, log.nextNumber, log.entriesInUse], [15, 15, 0]);
			assert.equal(readValue(log, 14), -1);
			log.clear();
			log = open(flash, 4);
		}
		for (let value = 15; value < 60; value++) log.append(rowOf(value));
		assert.deepEqual(
			valuesOf(open(flash, 4)),
			Array.from({ length: 20 }, (_, n) => 40 + n),
		);
	});

	it("begins empty for another generation or row size, with numbers not used before, wearing the sectors on", () => {
		const flash = new MemoryFlash(5, sectorSize);
		let highest = 0;
		for (let generation = 1; generation <= 40; generation++) {
			const size = 20 + (generation % 5);
			let log = open(flash, 5, 1e6, generation, size);
			assert.equal(log.entriesInUse, 0);
			assert.ok(log.firstNumber >= highest);
			for (let value = 0; value < 3; value++) log.append(rowOf(value, size));
			log = open(flash, 5, 1e6, generation, size);
			assert.equal(log.entriesInUse, 3);
			assert.equal(readValue(log, log.firstNumber + 2, size), 2);
			assert.equal(open(flash, 5, 1e6, generation + 1000, size).entriesInUse, 0);
			highest = log.nextNumber;
		}
		assert.deepEqual([...flash.eraseCounts], [8, 8, 8, 8, 8]);
		assert.equal(open(flash, 5).maximumEraseCount(), 8);
	});

	it("succeeds a log whose state is known as one that has looked for it", () => {
		const step = fc.constantFrom("append", "append", "append", "clear", "room", "none");
		fc.assert(
			fc.property(
				fc.integer({ min: 3, max: 6 }),
				fc.array(step, { maxLength: 90 }),
				fc.integer({ min: 4, max: 99 }),
				(sectors, steps, size) => {
					const flash = new MemoryFlash(sectors, sectorSize);
					const log = open(flash, sectors);
					for (const [n, what] of steps.entries()) {
						if (what === "append") log.append(rowOf(n));
						else if (what === "clear") log.clear();
						else if (what === "room") log.makeRoom();
					}
					const state = new Float64Array(RingLog.stateSize);
					log.saveState(state, 0);
					const shape = { rowSize: size, capacity: 1e6, generation: 2 };
					const knowing = new RingLog(flash, 0, sectors, shape, new LogBuffers(), state, 0, true);
					const looking = new RingLog(flash, 0, sectors, shape);
					assert.deepEqual([knowing.firstNumber, knowing.nextNumber], [looking.firstNumber, looking.nextNumber]);
					assert.ok(knowing.nextNumber >= log.nextNumber && knowing.entriesInUse === 0);
					for (let value = 0; value < 15; value++) knowing.append(rowOf(value, size));
					const again = open(flash, sectors, 1e6, 2, size);
					assert.deepEqual([again.firstNumber, again.nextNumber], [knowing.firstNumber, knowing.nextNumber]);
					assert.equal(readValue(again, again.nextNumber - 1, size), 14);
				},
			),
		);
	});

	it("appends without erasing where room was made", () => {
		const flash = new MemoryFlash(4, sectorSize);
		const log = open(flash, 4);
		for (let value = 0; value < 100; value++) {
			log.makeRoom();
			const erases = flash.statistics.erases;
			log.append(rowOf(value));
			assert.equal(flash.statistics.erases, erases);
		}
		assert.equal(log.entriesInUse, 20);
	});

	it("reads a row with one read where rows are read in order, and few elsewhere", () => {
		const flash = new MemoryFlash(200, sectorSize);
		const log = open(flash, 200);
		for (let value = 0; value < 1900; value++) log.append(rowOf(value));
		let reads = 0;
		const read = flash.read.bind(flash);
		flash.read = (address, into) => {
			reads++;
			read(address, into);
		};
		for (let n = 0; n < 1900; n++) assert.equal(readValue(log, n), n);
		assert.ok(reads < 1900 * 1.4, `${reads} reads in order`);
		reads = 0;
		for (let n = 0; n < 1900; n++) assert.equal(readValue(log, (n * 977) % 1900), (n * 977) % 1900);
		assert.ok(reads <= 1900 * 3, `${reads} reads anywhere`);
	});

	it("is as before when the part refuses, and goes on with it", () => {
		for (const refusal of ["program", "erase", "everything", "full"] as const) {
			for (let room = 0; room < 60; room += 4) {
				const part = new MemoryFlash(4, sectorSize);
				const flash = new FaultyFlash(part, seededRandom(1));
				const log = open(flash, 4);
				let expected: number[] = [];
				for (let value = 0; value < 17; value++) log.append(rowOf(value));
				expected = Array.from({ length: 17 }, (_, n) => n);
				if (refusal === "full") flash.room_octets = room;
				else flash.refuses = refusal;
				for (let value = 100; value < 105; value++) {
					try {
						log.append(rowOf(value));
						expected.push(value);
					} catch (error) {
						assert.ok(error instanceof DeviceError && error.part === "flash");
					}
				}
				flash.refuses = "nothing";
				flash.room_octets = Infinity;
				for (const reader of [log, open(part, 4)]) assert.deepEqual(valuesOf(reader), expected.slice(-20), refusal);
				log.append(rowOf(200));
				expected.push(200);
				for (const reader of [log, open(part, 4)]) assert.deepEqual(valuesOf(reader), expected.slice(-20), refusal);
			}
		}
	});

	it("gives no damaged row for flipped bits, and the others in order", () => {
		const random = seededRandom(9);
		for (let run = 0; run < 300; run++) {
			const flash = new FaultyFlash(new MemoryFlash(5, sectorSize), random);
			let log = open(flash, 5);
			const count = between(random, 1, 60);
			for (let value = 0; value < count; value++) log.append(rowOf(value));
			for (let n = 0; n < 3; n++) flash.flip(between(random, 0, 5 * sectorSize - 1), between(random, 0, 7));
			log = open(flash, 5);
			assert.ok(log.entriesInUse <= log.capacity);
			let previous = -1;
			for (const value of valuesOf(log)) {
				if (value < 0) continue;
				assert.ok(value > previous && value < count);
				previous = value;
			}
			log.append(rowOf(1000));
			assert.equal(valuesOf(open(flash, 5)).at(-1), 1000);
		}
	});

	it("takes any noise for an empty part", () => {
		fc.assert(
			fc.property(fc.uint8Array({ minLength: 3 * sectorSize, maxLength: 3 * sectorSize }), (noise) => {
				const flash = new MemoryFlash(3, sectorSize);
				flash.overwrite(0, noise);
				const log = open(flash, 3);
				assert.equal(log.entriesInUse, 0);
				log.append(rowOf(5));
				assert.deepEqual(valuesOf(open(flash, 3)), [5]);
			}),
			{ numRuns: 20 },
		);
	});
});

describe("ring log under power cuts (G5)", () => {
	function torture(seed: number, sectors: number, rounds: number): { cuts: number; cutsAtStart: number } {
		const random = seededRandom(seed);
		const part = new MemoryFlash(sectors, sectorSize);
		const flash = new FaultyFlash(part, random);
		const capacity = between(random, 5, (sectors - 2) * 10);
		let cuts = 0;
		let cutsAtStart = 0;
		const start = (): RingLog => {
			for (let n = 0; ; n++) {
				flash.restore();
				if (random() < 0.6 && n < 6) flash.cutAfter(between(random, 1, 3));
				try {
					return open(flash, sectors, capacity);
				} catch (error) {
					if (!flash.isCut) throw error;
					cutsAtStart++;
				}
			}
		};
		/** Values known to be stored, and numbers since the last clear; `skipped`: slots lost since, newest first. */
		let model: number[] = [];
		let nextValue = 0;
		let skipped: number[] = [];
		let clearCutAt = -Infinity;
		let log = start();
		for (let round = 0; round < rounds; round++) {
			if (random() < 0.9) flash.cutAfter(between(random, 1, random() < 0.5 ? 5 : 80));
			let pending: "row" | "clear" | "nothing" = "nothing";
			try {
				for (let n = 0; n < 40; n++) {
					pending = random() < 0.02 ? "clear" : "row";
					if (pending === "clear") {
						log.clear();
						model = [];
					} else {
						nextValue++;
						log.append(rowOf(nextValue));
						model.push(nextValue);
					}
					pending = "nothing";
				}
			} catch (error) {
				if (!flash.isCut) throw error;
				cuts++;
				skipped.push(nextValue);
				if (pending === "clear") clearCutAt = nextValue;
			}
			log = start();
			const values = valuesOf(log);
			if (pending === "row" && values.at(-1) === nextValue) model.push(nextValue);
			if (pending === "clear" && values.length === 0) model = [];
			const label = `seed ${seed} round ${round}`;
			assert.deepEqual(values, model.slice(model.length - values.length), label);
			assert.ok(values.length <= capacity, label);
			// a sector of slots may be skipped before the capacity suffers; a clear that was cut has used up that sector
			const oldest = nextValue - sectors * 10;
			const spare = clearCutAt > oldest ? 0 : 10;
			skipped = skipped.filter((value) => value > oldest);
			const missing = Math.min(capacity, model.length) - values.length;
			assert.ok(missing <= Math.max(0, skipped.length - spare), `${label}: ${missing} rows missing`);
		}
		assert.equal(part.statistics.violations, 0, `seed ${seed}`);
		return { cuts, cutsAtStart };
	}

	it("has each acknowledged row once, in order and whole, whatever write is torn", () => {
		let cuts = 0;
		let cutsAtStart = 0;
		for (let seed = 1; seed <= 24; seed++) {
			const result = torture(seed, 3 + (seed % 4), 120);
			cuts += result.cuts;
			cutsAtStart += result.cutsAtStart;
		}
		assert.ok(cuts > 2000 && cutsAtStart > 400, `${cuts} cuts, ${cutsAtStart} at start`);
	});
});
