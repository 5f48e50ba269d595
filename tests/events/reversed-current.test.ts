// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { tamperGroup } from "../../src/events/fraud-kinds.js";
import { ReversedCurrent } from "../../src/events/reversed-current.js";
import { TamperRecord } from "../../src/events/tamper-record.js";
import type { MetrologyView } from "../../src/metrology/view.js";
import { sm402d, st402d } from "../../src/models/model.js";
import { recordKey } from "../../src/storage/keys.js";
import { MemoryStore } from "../support/stores.js";

const hour_ms = 3_600_000;

/** Powers of the phases in watts; the whole is their sum. */
class Mains {
	powers_W: readonly number[] = [1000, 1000, 1000];
	power_mW(c: number): number {
		if (c === 16) return this.powers_W.reduce((sum, power) => sum + power, 0) * 1000;
		return this.powers_W[(c - 36) / 20]! * 1000;
	}
}

class Bench {
	readonly store = new MemoryStore();
	readonly mains = new Mains();
	record = new TamperRecord();
	reversed = new ReversedCurrent(st402d, this.record);
	isOn = false;
	now_ms = 5_000_000;

	constructor() {
		this.record.load(this.store);
	}

	/** What the watch does, without its debouncing. */
	look(powers_W: readonly number[], after_ms = 500): boolean {
		this.mains.powers_W = powers_W;
		this.now_ms += after_ms;
		const isThere = this.reversed.look(this.mains as unknown as MetrologyView, this.isOn, this.now_ms);
		if (isThere === this.isOn) return this.isOn;
		this.isOn = isThere;
		if (isThere) this.reversed.begins();
		else this.reversed.ends();
		return isThere;
	}

	restart(): void {
		this.record.save(this.store);
		this.record = new TamperRecord();
		this.record.load(this.store);
		this.reversed = new ReversedCurrent(st402d, this.record);
	}
}

const normal = [1000, 1000, 1000];
const sunny = [1000, 1000, -1500];

describe("events/reversed current (F27, F130)", () => {
	it("is there while a phase exports and the whole imports, and ends when that phase imports again", () => {
		const bench = new Bench();
		assert.ok(!bench.look(normal));
		assert.ok(!bench.look([1000, 1000, -100]), "too little to tell a direction");
		assert.ok(!bench.look([500, 500, -3000]), "the whole exports");
		assert.ok(bench.look(sunny));
		assert.ok(bench.look([1000, 1000, 0]), "nothing flows: nothing is proved");
		assert.ok(bench.look([500, 500, -3000]));
		assert.ok(!bench.look(normal));
	});

	it("is told once of a phase with a generator, then only when it has not imported for a day", () => {
		const bench = new Bench();
		bench.look(sunny);
		bench.look(normal);
		for (let day = 0; day < 3; day++) {
			for (let hour = 0; hour < 24; hour++)
				assert.ok(!bench.look(hour > 7 && hour < 19 ? sunny : normal, hour_ms), `day ${day}, ${hour} h`);
		}
		assert.ok(bench.look([-1500, 1000, 1000]), "another phase has none");
		bench.look(normal);
		for (let hour = 1; hour <= 24; hour++) assert.equal(bench.look(sunny, hour_ms), hour === 24, `${hour} h`);
	});

	it("knows generators over a restart, which begins the day anew, until the detection is set up again", () => {
		const bench = new Bench();
		bench.look(sunny);
		bench.look(normal);
		bench.restart();
		assert.equal(bench.record.generating, 0b100);
		assert.ok(!bench.look(sunny, 30 * hour_ms));
		assert.ok(!bench.look(sunny, 23 * hour_ms));
		bench.reversed.forget();
		assert.ok(bench.look(sunny));
	});

	it("learns nothing where a cover was opened before it ended, nor of a suspicion from before a restart", () => {
		const bench = new Bench();
		bench.look(sunny);
		bench.record.note(1, true, 100);
		bench.record.note(1, false, 200);
		assert.equal(bench.record.count(tamperGroup.terminalCover), 1);
		bench.look(normal);
		assert.equal(bench.record.generating, 0);
		assert.ok(bench.look(sunny), "told at once");
		bench.restart();
		assert.ok(bench.look(sunny));
		assert.ok(!bench.look(normal));
		assert.equal(bench.record.generating, 0);
	});

	it("is nothing that one phase alone can show", () => {
		const record = new TamperRecord();
		record.load(new MemoryStore());
		const reversed = new ReversedCurrent(sm402d, record);
		assert.equal(reversed.look(new Mains() as unknown as MetrologyView, false, 0), false);
	});

	it("reads the record of version 2, which knew no phases", () => {
		const store = new MemoryStore();
		const old = new Uint8Array(87);
		old.set([2, 0, 0b10, 0, 9]);
		store.write(recordKey.fraudState, old);
		const record = new TamperRecord();
		record.load(store);
		assert.deepEqual([record.count(0), record.isOn(1), record.suspected, record.generating], [9, true, 0, 0]);
		record.suspected = 5;
		record.generating = 3;
		record.save(store);
		const again = new TamperRecord();
		again.load(store);
		assert.deepEqual([again.count(0), again.suspected, again.generating], [9, 5, 3]);
	});
});
