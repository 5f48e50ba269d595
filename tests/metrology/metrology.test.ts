// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { Scheduler } from "../../src/core/scheduler.js";
import { angleIndex } from "../../src/metrology/front-end.js";
import { Metrology } from "../../src/metrology/metrology.js";
import { optionBit, sm402d, st402d } from "../../src/models/model.js";
import { recordKey } from "../../src/storage/keys.js";
import { FakeFrontEnd } from "./fake-front-end.js";
import { FakeRecordStore, PowerCut } from "./fake-record-store.js";

function makeMeter(model = sm402d, store = new FakeRecordStore()) {
	const frontEnd = new FakeFrontEnd(model);
	const metrology = new Metrology({ model, frontEnd, store });
	const scheduler = new Scheduler();
	scheduler.add(metrology);
	let now = 0;
	const seconds = (count: number) => {
		for (let n = 0; n < count; n++) {
			now += 1000;
			scheduler.advance(now);
		}
	};
	return { frontEnd, metrology, store, scheduler, seconds, now: () => now };
}

function applySupply(frontEnd: FakeFrontEnd, current_mA: number): void {
	frontEnd.reading.voltage_mV.fill(230_000);
	frontEnd.reading.current_mA.fill(current_mA);
	frontEnd.reading.frequency_mHz = 50_010;
}

describe("metrology/metrology", () => {
	it("shows nothing before the first interval", () => {
		const { metrology } = makeMeter();
		assert.equal(metrology.sequence, 0);
		assert.equal(metrology.isValid, false);
		assert.equal(metrology.power_mW(1), 0);
		assert.equal(metrology.voltage_mV(1), 0);
	});

	it("F04 F11 registers 1 h at 1234.567 W exactly and shows the power of the second", () => {
		const { frontEnd, metrology, seconds } = makeMeter();
		frontEnd.set(1, 1_234_567, -400_000, 1_300_000);
		seconds(3600);
		assert.equal(metrology.sequence, 3600);
		assert.equal(metrology.energy_units(1), 12_345);
		assert.equal(metrology.energy_units(8), 4000);
		assert.equal(metrology.energy_units(9), 13_000);
		assert.equal(metrology.power_mW(1), 1_234_567);
		assert.equal(metrology.power_mW(2), 0);
		assert.equal(metrology.power_mW(4), 400_000);
		assert.equal(metrology.power_mW(8), 400_000);
		assert.equal(metrology.power_mW(16), 1_234_567);
		assert.equal(metrology.power_mW(20), 1_234_567);
	});

	it("F11 divides a late interval by the time it stands for", () => {
		const { frontEnd, metrology, seconds } = makeMeter();
		frontEnd.set(1, -10_000_005, 0, 10_000_005);
		frontEnd.advance = (now_ms) => {
			frontEnd.nextDeadline_ms = now_ms + 10_000;
			frontEnd.reading.duration_ms = 10_000;
			return true;
		};
		seconds(1);
		assert.equal(metrology.power_mW(2), 1_000_001, "half away from zero");
		assert.equal(metrology.power_mW(16), -1_000_001);
		assert.equal(metrology.power_mW(1), 0);
	});

	it("F13 F12 shows power and energy of each phase, and the total by the sign of the sum", () => {
		const { frontEnd, metrology, seconds } = makeMeter(st402d);
		frontEnd.set(1, 1_000_000, 0, 1_000_000);
		frontEnd.set(2, -3_000_000, 0, 3_000_000);
		frontEnd.set(3, 500_000, 0, 500_000);
		seconds(3600);
		assert.deepEqual(
			[21, 42, 61, 1, 2].map((c) => metrology.power_mW(c)),
			[1e6, 3e6, 5e5, 0, 15e5],
		);
		assert.deepEqual(
			[21, 42, 61, 1, 2].map((c) => metrology.energy_units(c)),
			[10_000, 30_000, 5000, 0, 15_000],
		);
	});

	it("F14 a phase below 5 % of the nominal voltage reads 0; F16 without voltage there is no frequency", () => {
		const { frontEnd, metrology, seconds } = makeMeter(st402d);
		applySupply(frontEnd, 5000);
		Object.assign(frontEnd.reading.voltage_mV, [11_499, 11_500, 230_000]);
		seconds(1);
		assert.deepEqual(
			[1, 2, 3, 4, 0].map((phase) => metrology.voltage_mV(phase)),
			[0, 11_500, 230_000, 0, 0],
		);
		assert.equal(metrology.frequency_mHz(), 50_010);
		frontEnd.reading.voltage_mV.fill(11_499);
		seconds(1);
		assert.equal(metrology.frequency_mHz(), 0);
	});

	it("F15 a current below the starting current reads 0, also that of the neutral", () => {
		const { frontEnd, metrology, seconds } = makeMeter(sm402d);
		applySupply(frontEnd, 19);
		seconds(1);
		assert.equal(metrology.current_mA(1), 0);
		assert.equal(metrology.neutralCurrent_mA(), 0);
		applySupply(frontEnd, 20);
		seconds(1);
		assert.equal(metrology.current_mA(1), 20);
		assert.equal(metrology.neutralCurrent_mA(), 20);
		assert.equal(metrology.current_mA(2), 0);
	});

	it("F15 the neutral current is undefined without its transformer", () => {
		const { metrology } = makeMeter({ ...st402d, options: optionBit.base });
		assert.equal(metrology.neutralCurrent_mA(), undefined);
	});

	it("F17 the power factor is |P|/S with the sign of P", () => {
		const { frontEnd, metrology, seconds } = makeMeter(st402d);
		applySupply(frontEnd, 5000);
		frontEnd.set(1, 575_000, 995_929, 1_150_000);
		frontEnd.set(2, -920_000, 690_000, 1_150_000);
		frontEnd.set(3, 0, 1_150_000, 1_150_000);
		seconds(1);
		assert.deepEqual(
			[1, 2, 3, 0].map((phase) => metrology.powerFactor_permil(phase)),
			[500, -800, 0, -100],
		);
		frontEnd.set(1, 1_150_001, 0, 1_150_000); // a code more than S
		seconds(1);
		assert.equal(metrology.powerFactor_permil(1), 1000);
	});

	it("F17 below starting current, and below three no-load levels, the power factor reads 1.000", () => {
		const { frontEnd, metrology, seconds } = makeMeter();
		applySupply(frontEnd, 19);
		frontEnd.set(1, -3_000_000, 0, 6_000_000);
		seconds(1);
		assert.equal(metrology.powerFactor_permil(1), 1000);
		assert.equal(metrology.powerFactor_permil(0), 1000);
		applySupply(frontEnd, 25);
		frontEnd.set(1, -3000, 0, 6899); // 3 · 0.5 · 230 V · 20 mA = 6.9 VA
		seconds(1);
		assert.equal(metrology.powerFactor_permil(1), 1000);
		frontEnd.set(1, -3450, 0, 6900);
		seconds(1);
		assert.equal(metrology.powerFactor_permil(1), -500);
	});

	it("gives the angles of 81.7.x in tenths of a degree, those of I2 and I3 to U1 by addition", () => {
		const { frontEnd, metrology, seconds } = makeMeter(st402d);
		applySupply(frontEnd, 5000);
		const { angle_mdeg } = frontEnd.reading;
		angle_mdeg[angleIndex.u2u1] = 120_049;
		angle_mdeg[angleIndex.u3u1] = 239_950;
		angle_mdeg[angleIndex.u3u2] = 119_901;
		angle_mdeg[angleIndex.i1u1] = 359_951;
		angle_mdeg[angleIndex.i2u2] = 60_000;
		angle_mdeg[angleIndex.i3u3] = 323_130;
		seconds(1);
		assert.deepEqual(
			[1, 2, 4, 5, 6, 15, 26].map((x) => metrology.angle_decideg(x)),
			[1200, 2400, 0, 1800, 2031, 600, 3231],
		);
		assert.equal(metrology.angle_decideg(3), 0);
		frontEnd.reading.current_mA[1] = 5;
		frontEnd.reading.voltage_mV[2] = 0;
		seconds(1);
		assert.deepEqual(
			[1, 2, 5, 6, 15, 26].map((x) => metrology.angle_decideg(x)),
			[1200, 0, 0, 0, 0, 0],
		);
	});

	it("gives line-to-line voltages from two phases and the angle between them", () => {
		const { frontEnd, metrology, seconds } = makeMeter(st402d);
		applySupply(frontEnd, 5000);
		const { angle_mdeg, voltage_mV } = frontEnd.reading;
		angle_mdeg[angleIndex.u2u1] = 120_000;
		angle_mdeg[angleIndex.u3u1] = 240_000;
		angle_mdeg[angleIndex.u3u2] = 120_000;
		seconds(1);
		const expected = Math.round(230_000 * Math.sqrt(3));
		assert.deepEqual(
			[1, 2, 3, 4, 0].map((pair) => metrology.lineVoltage_mV(pair)),
			[expected, expected, expected, 0, 0],
		);
		Object.assign(voltage_mV, [230_000, 210_000, 0]);
		angle_mdeg[angleIndex.u2u1] = 97_123;
		seconds(1);
		const theta = (97.123 * Math.PI) / 180;
		const law = Math.sqrt(230e3 ** 2 + 210e3 ** 2 - 2 * 230e3 * 210e3 * Math.cos(theta));
		assert.deepEqual(
			[1, 2, 3].map((pair) => metrology.lineVoltage_mV(pair)),
			[Math.round(law), 0, 0],
		);
	});

	it("has a temperature where the front end has one", () => {
		const { frontEnd, metrology, seconds } = makeMeter(st402d);
		seconds(1);
		assert.equal(metrology.temperature_degC(), undefined);
		frontEnd.reading.temperature_degC = -12;
		seconds(1);
		assert.equal(metrology.temperature_degC(), -12);
	});

	it("F11 after 2 s of silence values read 0, energies stand still, and everything returns with the chip", () => {
		const { frontEnd, metrology, seconds } = makeMeter();
		applySupply(frontEnd, 5000);
		frontEnd.set(1, 1_000_000, 0, 1_150_000);
		seconds(72);
		frontEnd.isSilent = true;
		seconds(1);
		assert.equal(metrology.isValid, true);
		seconds(1);
		assert.equal(metrology.isValid, false);
		const values = () => [
			metrology.power_mW(1),
			metrology.voltage_mV(1),
			metrology.current_mA(1),
			metrology.frequency_mHz(),
			metrology.powerFactor_permil(0),
			metrology.angle_decideg(4),
		];
		assert.deepEqual(values(), [0, 0, 0, 0, 0, 0]);
		assert.equal(metrology.energy_units(1), 200);
		seconds(100);
		assert.equal(metrology.energy_units(1), 200);
		assert.equal(metrology.sequence, 72);
		frontEnd.isSilent = false;
		seconds(1);
		assert.equal(metrology.isValid, true);
		assert.equal(metrology.power_mW(1), 1_000_000);
	});

	it("refuses an interval that no sound chip can deliver", () => {
		const { frontEnd, metrology, seconds } = makeMeter();
		frontEnd.set(1, 120_000_001, 0, 0);
		seconds(1);
		frontEnd.set(1, 0, -120_000_001, 0);
		seconds(1);
		frontEnd.set(1, 0, 0, -1);
		seconds(1);
		frontEnd.set(1, 0, 0, 120_000_001);
		seconds(1);
		frontEnd.set(1, Number.NaN, 0, Number.NaN);
		seconds(1);
		assert.equal(metrology.sequence, 0);
		assert.equal(metrology.implausibleIntervals, 5);
		for (const c of [1, 2, 3, 4, 9]) assert.equal(metrology.energy_units(c), 0);
		frontEnd.set(1, 120_000_000, -120_000_000, 120_000_000);
		seconds(1);
		assert.equal(metrology.sequence, 1);
	});

	it("tells its listeners once per interval, with all values in place and in order of registration", () => {
		const { frontEnd, metrology, seconds } = makeMeter();
		frontEnd.set(1, 360_000, 0, 360_000);
		const calls: string[] = [];
		metrology.addListener({
			intervalFinished: (view, now_ms) => {
				calls.push(`${now_ms} ${view.sequence} ${view.energy_units(1)} ${view.power_mW(1)} ${view.isValid}`);
			},
		});
		metrology.addListener({ intervalFinished: () => void calls.push("second") });
		seconds(2);
		assert.deepEqual(calls, ["1000 1 1 360000 true", "second", "2000 2 2 360000 true", "second"]);
	});
});

describe("metrology/metrology: durable copy", () => {
	it("G5 restores counts and remainders after a commit as if nothing had happened", () => {
		const store = new FakeRecordStore();
		const first = makeMeter(st402d, store);
		first.frontEnd.set(2, 1_234_567, -7_654_321, 9_999_999);
		first.seconds(77);
		assert.equal(first.metrology.commit(), true);
		const second = makeMeter(st402d, store);
		assert.equal(second.metrology.restore(), "restored");
		second.frontEnd.set(2, 1_234_567, -7_654_321, 9_999_999);
		first.seconds(1000);
		second.seconds(1000);
		for (let c = 1; c <= 80; c++) {
			assert.equal(second.metrology.energy_units(c), first.metrology.energy_units(c), `C = ${c}`);
		}
	});

	it("writes the full record every 60 s while energy flows, and never while it does not", () => {
		const { frontEnd, store, seconds } = makeMeter();
		frontEnd.set(1, 1, 0, 1);
		seconds(600);
		assert.equal(store.writes, 10);
		frontEnd.set(1, 0, 0, 0);
		seconds(3600);
		assert.equal(store.writes, 10);
	});

	it("a new meter starts empty; a broken record is told from none", () => {
		const store = new FakeRecordStore();
		assert.equal(makeMeter(sm402d, store).metrology.restore(), "empty");
		const { metrology, frontEnd, seconds } = makeMeter(sm402d, store);
		frontEnd.set(1, 3_600_000, 0, 3_600_000);
		seconds(60);
		metrology.commit();
		store.records.get(recordKey.registers)![8]! ^= 1;
		assert.equal(makeMeter(sm402d, store).metrology.restore(), "corrupt");
		store.records.set(recordKey.registers, new Uint8Array(5000));
		assert.equal(makeMeter(sm402d, store).metrology.restore(), "corrupt");
	});

	it("goes on metering when the medium refuses, says so, and tries again", () => {
		const { metrology, frontEnd, store, seconds } = makeMeter();
		frontEnd.set(1, 3_600_000, 0, 3_600_000);
		store.refuses = true;
		seconds(120);
		assert.equal(metrology.energy_units(1), 1200);
		assert.equal(metrology.failedCommits, 2);
		metrology.energyGiven();
		assert.equal(metrology.commitGiven(), false);
		store.refuses = false;
		assert.equal(metrology.commitGiven(), true);
		assert.equal(store.writes, 1);
	});

	it("writes before an answer only when a shown digit rose since the last record", () => {
		const { metrology, frontEnd, store, seconds } = makeMeter();
		const give = () => {
			metrology.energyGiven();
			metrology.commitGiven();
			return store.writes;
		};
		assert.equal(give(), 0, "0 Wh shown, 0 Wh durable");
		frontEnd.set(1, 360_000, 0, 0); // one unit per second, quadrant I
		seconds(9);
		assert.equal(give(), 0, "0.9 Wh");
		seconds(1);
		assert.equal(metrology.commitGiven(), true);
		assert.equal(store.writes, 0, "nothing was given");
		assert.equal(give(), 1);
		assert.equal(give(), 1);
		seconds(7); // 1.7 Wh in quadrant I
		frontEnd.set(1, 0, -1, 0);
		seconds(1); // now the direction is quadrant IV
		frontEnd.set(1, 360_000, 0, 0);
		seconds(3); // 0.3 Wh in IV: A+ is 2.0 Wh, though neither term shows a new digit
		assert.equal(metrology.energy_units(17), 17);
		assert.equal(metrology.energy_units(20), 3);
		assert.equal(give(), 2);
		metrology.commit();
		assert.equal(store.writes, 3);
		assert.equal(give(), 3);
	});

	it("writes before an answer when only a sum shows a new digit", () => {
		const { metrology, frontEnd, store, seconds } = makeMeter();
		frontEnd.set(1, 0, 360_000, 0); // R1
		seconds(6);
		frontEnd.set(1, -1, 0, 0); // turns to export
		seconds(1);
		frontEnd.set(1, 0, 360_000, 0); // R2
		seconds(5);
		assert.deepEqual([metrology.energy_units(5), metrology.energy_units(6)], [6, 5]);
		metrology.energyGiven();
		metrology.commitGiven();
		assert.equal(store.writes, 1, "R+ shows 1 varh");
	});

	it("encodeState and restoreState carry the registers from one meter to another", () => {
		const first = makeMeter(st402d);
		first.frontEnd.set(3, -1_234_567, 1, 2_000_000);
		first.seconds(100);
		const bytes = new Uint8Array(first.metrology.stateLength);
		assert.equal(first.metrology.encodeState(bytes), bytes.length);
		const second = makeMeter(st402d);
		assert.equal(second.metrology.restoreState(bytes, bytes.length), true);
		for (let c = 1; c <= 80; c++) assert.equal(second.metrology.energy_units(c), first.metrology.energy_units(c));
		assert.equal(second.metrology.restoreState(bytes, bytes.length - 1), false);
	});

	/**
	 * A meter that is read, committed, killed and started again in any order. What a life restores lies between the last
	 * value a client has seen and the state of the life before, and at most 60 s of energy below that.
	 */
	it("G5 no value given is ever undercut by a kill at any write, and nothing restored exceeds the truth", () => {
		const step = fc.oneof(
			{
				weight: 6,
				arbitrary: fc.record({ kind: fc.constant("run" as const), seconds: fc.integer({ min: 1, max: 25 }) }),
			},
			{ weight: 4, arbitrary: fc.record({ kind: fc.constant("read" as const) }) },
			{ weight: 1, arbitrary: fc.record({ kind: fc.constant("commit" as const) }) },
			{ weight: 2, arbitrary: fc.record({ kind: fc.constant("turn" as const), quadrant: fc.nat(3) }) },
			{ weight: 2, arbitrary: fc.record({ kind: fc.constant("kill" as const) }) },
			{
				weight: 2,
				arbitrary: fc.record({
					kind: fc.constant("armCut" as const),
					writes: fc.integer({ min: 1, max: 3 }),
					after: fc.boolean(),
				}),
			},
		);
		fc.assert(
			fc.property(
				fc.array(step, { minLength: 5, maxLength: 60 }),
				fc.integer({ min: 1, max: 2_000_000 }),
				killAtAnyWrite,
			),
			{ numRuns: 300 },
		);
	});
});

type Step =
	| { kind: "run"; seconds: number }
	| { kind: "turn"; quadrant: number }
	| { kind: "armCut"; writes: number; after: boolean }
	| { kind: "read" | "commit" | "kill" };

const displayed = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 17, 18, 19, 20];

/** Energy of each base register in codes, remainder included, from the octets of the record. */
function exactCodes(metrology: Metrology): number[] {
	const bytes = new Uint8Array(metrology.stateLength);
	metrology.encodeState(bytes);
	const uint = (at: number, length: number) => bytes.subarray(at, at + length).reduce((a, octet) => a * 256 + octet, 0);
	return Array.from({ length: 10 }, (_, n) => uint(17 + 11 * n, 5) * 360_000 + uint(22 + 11 * n, 6));
}

function killAtAnyWrite(steps: readonly Step[], power: number): void {
	const store = new FakeRecordStore();
	let meter = makeMeter(sm402d, store);
	let quadrant = 0;
	const seen = new Map<number, number>();
	const load = () => {
		const isImport = quadrant === 0 || quadrant === 3;
		meter.frontEnd.set(1, isImport ? power : -power, quadrant < 2 ? power : -power, power);
	};
	const restart = () => {
		const before = exactCodes(meter.metrology);
		store.writesUntilCut = Infinity;
		meter = makeMeter(sm402d, store);
		meter.metrology.restore();
		load();
		const after = exactCodes(meter.metrology);
		for (let n = 0; n < before.length; n++) {
			assert.ok(after[n]! <= before[n]!, `register ${n} restored above the truth`);
			assert.ok(before[n]! - after[n]! <= 60 * power + 360_000, `register ${n} lost more than 60 s`);
		}
		for (const [c, wattHours] of seen) {
			assert.ok(Math.floor(meter.metrology.energy_units(c) / 10) >= wattHours, `C = ${c} undercut`);
		}
	};
	meter.metrology.restore();
	load();
	const perform = (action: Step): void => {
		switch (action.kind) {
			case "run":
				for (let n = 0; n < action.seconds && store.writesUntilCut > 0; n++) meter.seconds(1);
				break;
			case "read": {
				const answer = displayed.map((c) => Math.floor(meter.metrology.energy_units(c) / 10));
				meter.metrology.energyGiven();
				if (!meter.metrology.commitGiven()) break; // the answer does not leave
				for (let n = 0; n < displayed.length; n++) seen.set(displayed[n]!, answer[n]!);
				break;
			}
			case "commit":
				meter.metrology.commit();
				break;
			case "turn":
				quadrant = action.quadrant;
				load();
				break;
			case "kill":
				restart();
				break;
			case "armCut":
				store.writesUntilCut = action.writes;
				store.cutAfterWrite = action.after;
				break;
		}
	};
	for (const action of steps) {
		try {
			perform(action);
		} catch (error) {
			if (!(error instanceof PowerCut)) throw error; // the life ends here
		}
		if (store.writesUntilCut <= 0) restart();
	}
	restart();
}
