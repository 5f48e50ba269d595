// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Limits } from "../../src/control/limits.js";
import { actionOutcome } from "../../src/control/limits-parts.js";
import type { SlidingAverages } from "../../src/metrology/demand/sliding-averages.js";
import type { MetrologyView } from "../../src/metrology/view.js";
import { st402d } from "../../src/models/model.js";
import { recordKey } from "../../src/storage/keys.js";
import { MemoryStore } from "../support/stores.js";

const start_s = 800_000_000;
const over = 3001;
const under = 3000;
const importPower = 2;

/** A limiter of 3000 W on the power of the moment, one measuring interval a second. */
class LimitsBench {
	now_ms = 5000;
	utc_s = start_s;
	isClockValid = true;
	value_W = 0;
	outcome: number = actionOutcome.done;
	readonly parameters = new MemoryStore();
	readonly journal = new MemoryStore();
	/** Events by their code, actions as "over" and "under". */
	readonly trace: (number | string)[] = [];
	/** False when function control has switched it off. */
	isThere = true;
	limits: Limits = this.#start();

	constructor(over_s: number, under_s: number, reconnections = 10) {
		this.limits.setMonitored(0, importPower);
		this.limits.setThresholds(0, under, under);
		this.limits.settings.change((settings) => settings.setDurations(0, over_s, under_s));
		this.limits.setReconnections(reconnections, 0, false);
		this.trace.length = 0;
	}

	second(value_W: number): void {
		this.value_W = value_W;
		this.now_ms += 1000;
		this.utc_s++;
		this.limits.intervalFinished({} as MetrologyView, this.now_ms);
	}

	restart(pause_s = 0): void {
		this.now_ms += 1000 * pause_s;
		this.utc_s += pause_s;
		this.limits = this.#start();
	}

	#start(): Limits {
		const bench = this;
		const sliding = {
			captured: { utc_s: 0, deviation_min: 0, status: 0 },
			restart: () => undefined,
			lastCurrent_mA: () => 0,
			power_W: () => this.value_W,
		} as unknown as SlidingAverages;
		return new Limits({
			model: st402d,
			clock: {
				get isValid() {
					return bench.isClockValid;
				},
				utc_s: () => this.utc_s,
				monotonicAt_ms: () => 0,
				local_s: (utc_s) => utc_s,
				deviation_min: () => 0,
				status: () => 0,
			},
			monotonic: { monotonic_ms: () => this.now_ms },
			parameters: this.parameters,
			journal: this.journal,
			events: { event: (_log, code) => this.trace.push(code), eventAt: () => undefined },
			sliding,
			metrology: { power_mW: () => this.value_W * 1000, current_mA: () => 0 } as unknown as MetrologyView,
			host: {
				factoryClient: 1,
				execute: (_table, script) => {
					this.trace.push(script === 1 ? "over" : "under");
					return this.outcome;
				},
				get isWhole() {
					return bench.isThere;
				},
				hasLimiter: () => this.isThere,
				hasMonitor: () => this.isThere,
				reconnects: () => true,
				heldFor_s: () => 0,
				emergencyEnded: () => undefined,
				memoryFailed: () => undefined,
			},
		});
	}
}

/** The rules 2, 3 and 5 of the specification of the limiter, told second by second. */
function expected(
	values: readonly number[],
	over_s: number,
	under_s: number,
	reconnections: number,
): (number | string)[] {
	const trace: (number | string)[] = [];
	let state: "normal" | "acted" | "locked" = "normal";
	let excess = 0;
	let calm = 0;
	let used = 0;
	values.forEach((value) => {
		const isOver = value > under;
		if (state === "normal") {
			excess = isOver ? excess + 1 : 0;
			// the first interval above only says that the excess has begun
			if (!isOver || excess - 1 < over_s) return;
			trace.push(65, "over");
			state = "acted";
			excess = calm = 0;
			return;
		}
		// the interval in which the contacts open may still be above, and does not begin the penalty anew
		calm = isOver ? (calm === 0 ? 1 : -1) : calm < 0 ? 1 : calm + 1;
		if (isOver || calm < under_s || state === "locked") return;
		trace.push(66);
		if (used >= reconnections) {
			trace.push(242);
			state = "locked";
			return;
		}
		trace.push("under");
		used++;
		state = "normal";
	});
	return trace;
}

describe("limiter", () => {
	it("F135 F136: every sequence of seconds above and below does what the rules say, in every state", () => {
		const parameters = fc.record({
			seconds: fc.array(fc.boolean(), { maxLength: 60 }),
			over_s: fc.integer({ min: 0, max: 4 }),
			under_s: fc.integer({ min: 1, max: 5 }),
			reconnections: fc.integer({ min: 0, max: 3 }),
		});
		fc.assert(
			fc.property(parameters, ({ seconds, over_s, under_s, reconnections }) => {
				const values = seconds.map((isOver) => (isOver ? over : under));
				const bench = new LimitsBench(over_s, under_s, reconnections);
				for (const value of values) bench.second(value);
				assert.deepEqual(bench.trace, expected(values, over_s, under_s, reconnections));
			}),
			{ numRuns: 2000, seed: 402 },
		);
	});

	it("F135: nothing at all below the threshold, at the threshold, or without one", () => {
		const bench = new LimitsBench(0, 0);
		for (const value of [0, 2999, 3000]) bench.second(value);
		bench.limits.setThresholds(0, 0xffff_ffff, 0xffff_ffff);
		bench.second(69_000);
		assert.deepEqual(bench.trace, [67]);
	});

	it("F01: one that is switched off acts on nothing and holds nothing back; on again its times begin anew", () => {
		const bench = new LimitsBench(2, 100);
		for (let n = 0; n < 3; n++) bench.second(over);
		assert.equal(bench.trace.filter((entry) => entry === "over").length, 1);
		assert.ok(bench.limits.blocksReconnection(true));
		bench.isThere = false;
		bench.second(over);
		assert.ok(!bench.limits.blocksReconnection(true));
		bench.restart();
		assert.ok(!bench.limits.blocksReconnection(true), "for good");
		const { length } = bench.trace;
		for (let n = 0; n < 10; n++) bench.second(over);
		assert.equal(bench.trace.length, length);
		bench.isThere = true;
		for (let n = 0; n < 2; n++) bench.second(over);
		assert.equal(bench.trace.length, length);
		bench.second(over);
		assert.deepEqual(bench.trace.slice(-1), ["over"]);
	});

	it("F135: a relay that must rest is asked again each second; the excess is logged once", () => {
		const bench = new LimitsBench(0, 10);
		bench.outcome = actionOutcome.notNow;
		for (let n = 0; n < 3; n++) bench.second(over);
		bench.outcome = actionOutcome.done;
		bench.second(over);
		assert.deepEqual(bench.trace, [65, "over", "over", "over", "over"]);
	});

	it("F136: the lock of the day ends at midnight, with a client's command, and not with a restart", () => {
		for (const end of ["midnight", "command", "restart"]) {
			const bench = new LimitsBench(0, 1, 0);
			for (const value of [over, under, under, under]) bench.second(value);
			assert.deepEqual(bench.trace, [65, "over", 66, 242]);
			assert.equal(bench.limits.isLocked, true);
			assert.deepEqual([bench.limits.blocksReconnection(false), bench.limits.blocksReconnection(true)], [true, false]);
			if (end === "midnight") bench.utc_s += 86_400;
			if (end === "command") bench.limits.remotelyReconnected();
			if (end === "restart") bench.restart();
			bench.second(under);
			assert.equal(bench.limits.isLocked, end !== "command", end); // with none allowed, midnight locks again
		}
		const bench = new LimitsBench(0, 1, 1);
		for (const value of [over, under, under, over, over, under, under]) bench.second(value);
		assert.equal(bench.limits.isLocked, true);
		bench.utc_s += 86_400;
		bench.second(under);
		assert.deepEqual([bench.limits.isLocked, bench.limits.usedReconnections, bench.trace.at(-1)], [false, 1, "under"]);
	});

	it("F136: a client who may only release the supply ends the lock and no penalty, and the meter reconnects if it may", () => {
		for (const allowed of [0, 1]) {
			const bench = new LimitsBench(0, 1, allowed);
			const cycle = [over, under, under];
			for (const value of allowed === 0 ? cycle : [...cycle, over, over, under, under]) bench.second(value);
			assert.deepEqual([bench.limits.isLocked, bench.trace.at(-1)], [true, 242]);
			bench.limits.remotelyReleased();
			assert.deepEqual([bench.limits.isLocked, bench.limits.blocksReconnection(false)], [false, false]);
			for (let n = 0; n < 5; n++) bench.second(under);
			assert.equal(bench.limits.isLocked, false);
			assert.deepEqual(bench.trace.at(-1), allowed === 0 ? 242 : "under");
		}
		const bench = new LimitsBench(0, 5);
		for (const value of [over, under]) bench.second(value);
		bench.limits.remotelyReleased();
		assert.equal(bench.limits.blocksReconnection(false), true);
	});

	it("F136: reconnection is blocked during the penalty for everybody, and for nobody after it", () => {
		const bench = new LimitsBench(0, 5);
		assert.equal(bench.limits.blocksReconnection(false), false);
		bench.second(over);
		for (let n = 0; n < 4; n++) {
			bench.second(under);
			assert.deepEqual([bench.limits.blocksReconnection(false), bench.limits.blocksReconnection(true)], [true, true]);
		}
		bench.second(under);
		assert.equal(bench.limits.blocksReconnection(false), false);
	});

	it("F135: an excess of a minute is noted by itself, for a failure without warning, and no more when it is over", () => {
		const bench = new LimitsBench(200, 300);
		for (let n = 0; n < 60; n++) bench.second(over);
		bench.restart(10);
		assert.equal(bench.limits.remaining_s(), -1, "what is shorter is lost");
		for (let n = 0; n < 90; n++) bench.second(over);
		const noted = () => bench.journal.records.get(recordKey.limiterState);
		const first = noted();
		assert.ok(first);
		bench.restart(10);
		assert.equal(bench.limits.remaining_s(), 101);
		for (let n = 0; n < 100; n++) bench.second(over);
		assert.deepEqual(bench.trace, []);
		assert.equal(noted(), first, "written once for an excess");
		bench.second(under);
		bench.restart(10);
		for (let n = 0; n < 200; n++) bench.second(over);
		assert.deepEqual(bench.trace, []);
		bench.second(over);
		assert.deepEqual(bench.trace, [65, "over"]);
	});

	it("F136 F137: excess and penalty go on over a restart, as the clock tells", () => {
		const bench = new LimitsBench(60, 300);
		for (let n = 0; n < 31; n++) bench.second(over);
		bench.limits.commit();
		assert.equal(bench.limits.remaining_s(), 30);
		bench.restart(10);
		assert.equal(bench.limits.remaining_s(), 20);
		for (let n = 0; n < 20; n++) bench.second(over);
		assert.deepEqual(bench.trace, [65, "over"]);
		bench.second(under);
		bench.restart(100);
		assert.equal(bench.limits.remaining_s(), 199);
	});

	describe("emergency profile", () => {
		const time = new Uint8Array(12).fill(0xff);
		let bench: LimitsBench;
		beforeEach(() => {
			bench = new LimitsBench(60, 60);
			bench.limits.setThresholds(0, 3000, 1000);
			bench.limits.settings.change((settings) => {
				settings.setGroup(0, 0, 9);
				settings.setGroupCount(0, 1);
			});
			bench.trace.length = 0;
		});

		it("F139 F140: is in force in [activation, activation + duration), one second exactly", () => {
			assert.equal(bench.limits.setProfile(0, 9, time, start_s + 10, 3), true);
			const states: boolean[] = [];
			for (let n = 1; n <= 15; n++) {
				bench.second(0);
				states.push(bench.limits.isEmergency(0));
			}
			assert.deepEqual(
				states.map((isOn, n) => (isOn ? n + 1 : 0)).filter((n) => n > 0),
				[10, 11, 12],
			);
			assert.deepEqual(bench.trace, [237, 238]);
		});

		it("F140: with an invalid clock it starts at receipt, and setting the clock moves its end along", () => {
			bench.isClockValid = false;
			assert.equal(bench.limits.setProfile(0, 9, time, start_s + 10_000, 60), true);
			assert.equal(bench.limits.isEmergency(0), true);
			const before = bench.utc_s;
			bench.utc_s += 5_000_000;
			bench.limits.clockChanged(before, bench.utc_s);
			for (let n = 0; n < 59; n++) bench.second(0);
			assert.equal(bench.limits.isEmergency(0), true);
			bench.second(0);
			assert.equal(bench.limits.isEmergency(0), false);
		});

		it("F141: what has a time follows the clock; leaving the group ends it; the lower threshold applies", () => {
			bench.limits.setProfile(0, 9, time, start_s, 60);
			assert.equal(bench.limits.threshold(0), 1000);
			bench.limits.setThresholds(0, 500, 1000);
			assert.equal(bench.limits.threshold(0), 500);
			bench.utc_s += 60;
			bench.limits.clockChanged(bench.utc_s - 60, bench.utc_s);
			assert.equal(bench.limits.isEmergency(0), false);
			bench.utc_s -= 60;
			assert.equal(bench.limits.isEmergency(0), true);
			bench.limits.settings.change((settings) => settings.setGroupCount(0, 0));
			assert.equal(bench.limits.isEmergency(0), false);
		});

		it("F141: a medium that refuses leaves profile and thresholds as they were", () => {
			const before = bench.limits.settings.bytes.slice();
			bench.parameters.write = () => {
				throw new RangeError("refused");
			};
			assert.throws(() => bench.limits.setProfile(0, 9, time, undefined, 60));
			assert.throws(() => bench.limits.setThresholds(0, 100, 50));
			assert.throws(() => bench.limits.setMonitored(0, 0));
			assert.deepEqual(bench.limits.settings.bytes, before);
			assert.deepEqual(bench.trace, []);
		});
	});
});
