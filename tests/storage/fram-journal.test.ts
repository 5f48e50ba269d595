// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { FaultyFlash, PowerCut } from "../../hosts/simulator/storage/faulty-flash.js";
import { FaultyFram } from "../../hosts/simulator/storage/faulty-fram.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { MemoryFram } from "../../hosts/simulator/storage/memory-fram.js";
import { crc32 } from "../../src/core/crc.js";
import { FramJournal } from "../../src/storage/fram-journal.js";
import { recordKey } from "../../src/storage/keys.js";
import { RecordLog } from "../../src/storage/record-log.js";
import type { RecordStore } from "../../src/storage/record-store.js";
import { seededRandom } from "./random.js";

const title = Uint8Array.from([0x53, 0x58, 0x46, 1, 2, 3, 4, 5]);
const otherTitle = Uint8Array.from([0x53, 0x58, 0x46, 1, 2, 3, 4, 6]);
const key = recordKey.registers;
/** Where slot 1 of the registers is. */
const slotSize = 1024;

/** Flash, FRAM and the journal on them, over starts. */
class Bench {
	readonly part = new MemoryFram();
	readonly memory = new MemoryFlash(4);
	readonly flash: FaultyFlash;
	fram: FaultyFram;
	journal!: RecordStore;
	told = 0;
	readonly #random = seededRandom(7);
	readonly #listener = {
		memoryFailed: (): void => {
			this.told++;
		},
	};

	constructor() {
		this.flash = new FaultyFlash(this.memory, this.#random);
		this.fram = new FaultyFram(this.part, this.flash, this.#random);
	}

	/** @param hasFram the board has the part @param who system title */
	start(hasFram = true, who = title): this {
		this.flash.restore();
		this.fram.cutAfter(Infinity);
		this.journal = FramJournal.open(new RecordLog(this.flash, 0, 4), hasFram ? this.fram : undefined, who);
		FramJournal.begin(this.journal, this.#listener);
		return this;
	}

	watch(): void {
		FramJournal.watch(this.journal, this.#listener);
	}

	write(text: string): void {
		this.journal.write(key, Buffer.from(text));
	}

	note(text: string): void {
		this.journal.note?.(key, Buffer.from(text));
	}

	read(): string | undefined {
		const into = new Uint8Array(200);
		const length = this.journal.read(key, into);
		return length < 0 ? undefined : Buffer.from(into.subarray(0, length)).toString();
	}
}

describe("storage/fram-journal", () => {
	it("G5 gives what was noted last, over starts, and nothing before the first value", () => {
		const bench = new Bench().start();
		assert.equal(bench.read(), undefined);
		bench.write("on both");
		for (const text of ["1", "22", "333", "4"]) {
			bench.note(text);
			assert.equal(bench.read(), text);
			assert.equal(bench.start().read(), text);
		}
		bench.write("newer on both");
		assert.equal(bench.start().read(), "newer on both");
		assert.equal(bench.told, 0);
	});

	it("leaves other records to flash", () => {
		const bench = new Bench().start();
		const before = bench.part.writes;
		bench.journal.note?.(recordKey.changeCounters, Uint8Array.of(1));
		bench.journal.write(recordKey.changeCounters, Uint8Array.of(2));
		assert.equal(bench.part.writes, before);
		const into = new Uint8Array(1);
		assert.equal(bench.journal.read(recordKey.changeCounters, into), 1);
		assert.deepEqual(into, Uint8Array.of(2));
	});

	it("G5 a cut in any write leaves the value before or the new one", () => {
		fc.assert(
			fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(6), fc.nat(60)), { minLength: 1, maxLength: 40 }), (steps) => {
				const bench = new Bench().start();
				bench.write("0");
				let newest = "0";
				for (const [n, [isNote, cutAt, length]] of steps.entries()) {
					const next = `${n}`.padEnd(length, ".");
					if (n % 2 === 0) bench.fram.cutAfter(cutAt);
					else bench.flash.cutAfter(cutAt);
					try {
						if (isNote) bench.note(next);
						else bench.write(next);
						newest = next;
					} catch (error) {
						assert.ok(error instanceof PowerCut);
					}
					const found = bench.start().read();
					assert.ok(found === newest || found === next, `${found} after ${newest} and ${next}`);
					newest = found;
				}
				assert.equal(bench.told, 0);
			}),
			{ numRuns: 60 },
		);
	});

	it("a part that is missing costs what was noted since the last write, tells it once, and does not count when it is back", () => {
		const bench = new Bench().start();
		bench.write("written");
		bench.note("noted");
		assert.equal(bench.start(false).read(), "written");
		assert.equal(bench.told, 1);
		assert.equal(bench.start(false).read(), "written");
		bench.write("later");
		assert.equal(bench.start().read(), "later");
		assert.equal(bench.told, 1);
		bench.note("noted again");
		assert.equal(bench.start().read(), "noted again");
	});

	for (const fault of ["everything", "absent"] as const) {
		it(`a part of which ${fault === "absent" ? "nothing answers" : "everything is refused"} is told at each start; flash goes on`, () => {
			const bench = new Bench().start();
			bench.write("written");
			bench.note("noted");
			bench.fram.fault = fault;
			assert.equal(bench.start().read(), "written");
			bench.write("later");
			bench.note("nowhere");
			assert.equal(bench.read(), "later");
			assert.equal(bench.told, 2, "lost, and cannot be put in use");
			assert.equal(bench.start().read(), "later");
			assert.equal(bench.told, 3);
			bench.fram.fault = "none";
			assert.equal(bench.start().read(), "later");
			assert.equal(bench.told, 3);
		});
	}

	it("a part that fails while the meter works is given up until the next start, also when flash refuses in that moment", () => {
		const bench = new Bench().start();
		bench.write("written");
		bench.note("noted");
		bench.fram.fault = "write";
		bench.flash.refuses = "program";
		bench.note("refused");
		assert.throws(() => bench.write("refused by both"));
		bench.watch();
		bench.watch();
		assert.equal(bench.told, 1);
		bench.fram.fault = "none";
		bench.flash.refuses = "nothing";
		bench.write("later");
		bench.note("not in use");
		assert.equal(bench.read(), "later");
		assert.equal(bench.start().read(), "later");
		bench.note("in use again");
		assert.equal(bench.start().read(), "in use again");
	});

	it("G5 a cut in any write while the part is given up never brings an older value back", () => {
		for (let cutAt = 1; cutAt < 14; cutAt++) {
			const bench = new Bench().start();
			bench.write("written");
			bench.note("noted");
			bench.fram.fault = "write";
			bench.flash.cutAfter(cutAt);
			let newest = "noted";
			try {
				bench.note("refused");
				bench.write("later");
				newest = "later";
				bench.start(false);
			} catch (error) {
				assert.ok(error instanceof PowerCut);
			}
			bench.fram.fault = "none";
			const found = bench.start().read();
			if (newest === "later") assert.equal(found, "later", `cut at write ${cutAt}`);
			else assert.ok(["written", "noted", "later"].includes(found ?? ""), `${found} after a cut at write ${cutAt}`);
			bench.write("latest");
			assert.equal(bench.start().read(), "latest");
		}
	});

	it("does not take the part of another meter, nor a part with a meter that it does not know", () => {
		const bench = new Bench().start();
		bench.write("written");
		bench.note("noted");
		assert.equal(bench.start(true, otherTitle).read(), "written");
		assert.equal(bench.told, 1);
		const other = new Bench();
		other.fram = bench.fram;
		assert.equal(other.start().read(), undefined);
		assert.equal(other.told, 0);
	});

	it("does not take slots of a layout that it does not know, and invents nothing of damaged ones", () => {
		const bench = new Bench().start();
		bench.write("written");
		bench.note("one");
		bench.note("two");
		bench.fram.flip(slotSize + 13, 0);
		assert.equal(bench.start().read(), "two");
		bench.note("three");
		bench.fram.flip(slotSize + 12, 5);
		assert.equal(bench.start().read(), "two", "the slot before");
		assert.equal(bench.told, 0);
		for (const at of [0, slotSize]) {
			// the checksum of a later layout may well be right
			const slot = bench.part.cells.subarray(at);
			slot[0] = 2;
			const seed = crc32(Uint8Array.of(0, 0, 0, 1), 0, 4, crc32(title, 0, title.length));
			const length = slot[2]! * 256 + slot[3]!;
			const crc = crc32(slot, 12, 12 + length, crc32(slot, 0, 8, seed));
			new DataView(slot.buffer, at).setUint32(8, crc);
		}
		assert.equal(bench.start().read(), "written");
		assert.equal(bench.told, 1);
	});

	it("a part that is too small is told and not used", () => {
		const bench = new Bench();
		bench.fram = new FaultyFram(new MemoryFram(2048), bench.flash, seededRandom(1));
		bench.start();
		bench.write("written");
		assert.equal(bench.read(), "written");
		assert.equal(bench.told, 1);
	});

	it("keeps the octets of version 1", () => {
		const bench = new Bench().start();
		bench.note("AB");
		const octets = Buffer.from(bench.part.cells.subarray(0, 14)).toString("hex");
		assert.equal(octets, slotVersion1);
		const next = new Bench().start();
		next.part.cells.set(Buffer.from(slotVersion1, "hex"));
		assert.equal(next.start().read(), "AB");
	});
});

/** First slot of the registers in generation 1; written down once and never to be changed. */
const slotVersion1 = "010100020000000362800de84142";
