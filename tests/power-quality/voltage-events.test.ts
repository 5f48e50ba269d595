// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import fc from "fast-check";
import { dipClass, swellClass } from "../../src/power-quality/event-class.js";
import { type VoltageEvent, VoltageEvents, voltageEventKind } from "../../src/power-quality/voltage-events.js";
import { bandOf, nextState, phaseState, voltageBand } from "../../src/power-quality/voltage-state.js";
import { eachHalfCycle, type Wave } from "./one-cycle.js";

const reference_mV = 230_000;
const { dip, swell, interruption } = voltageEventKind;

interface Seen extends Omit<VoltageEvent, "phaseExtreme_mV"> {
	readonly phaseExtreme_mV: readonly number[];
}

function collector(): { events: Seen[]; voltageEventEnded(event: VoltageEvent): void } {
	const events: Seen[] = [];
	return {
		events,
		voltageEventEnded: (event) => {
			events.push({ ...event, phaseExtreme_mV: [...event.phaseExtreme_mV] });
		},
	};
}

function run(waves: readonly Wave[], duration_s: number): Seen[] {
	const seen = collector();
	const detector = new VoltageEvents(waves.length, reference_mV, seen);
	eachHalfCycle(waves, duration_s, (voltage, end_ms, window_ms) => detector.next(voltage, end_ms, window_ms));
	assert.equal(detector.isOpen, false);
	return seen.events;
}

/** A drop to `share` of Un from `from_s` to `to_s`. */
function drop(share: number, from_s: number, to_s: number, extra: Partial<Wave> = {}): Wave {
	return {
		steps: [
			{ from_s, share },
			{ from_s: to_s, share: 1 },
		],
		...extra,
	};
}

const steady: Wave = { steps: [] };

function near(value: number, expected: number, limit: number, what: string): void {
	assert.ok(Math.abs(value - expected) <= limit, `${what}: ${value} instead of ${expected}`);
}

function classLetter(cell: number): string {
	return `${"ABCDX"[Math.floor(cell / 5)]}${(cell % 5) + 1}`;
}

function letterOf(event: Seen): string {
	return classLetter(dipClass(event.extreme_mV, reference_mV, event.duration_ms));
}

describe("power-quality/voltage-events: worked examples, from samples", () => {
	it("F115 a dip of L1 to 70 % from 1.000 to 1.100 s is 161.0 V for 130 ms, class B1", () => {
		const events = run([drop(0.7, 1, 1.1), steady, steady], 2);
		assert.equal(events.length, 1);
		const [event] = events as [Seen];
		assert.equal(event.kind, dip);
		assert.equal(event.phases, 1);
		near(event.start_ms, 990, 0.001, "start");
		near(event.duration_ms, 130, 0.001, "duration");
		near(event.extreme_mV, 161_000, 1, "residual");
		assert.equal(letterOf(event), "B1");
	});

	it("F115 91 % between two dips to 88 % does not end the first: one dip of 0.9 s, class A3", () => {
		const wave = {
			steps: [
				{ from_s: 1, share: 0.88 },
				{ from_s: 1.3, share: 0.91 },
				{ from_s: 1.6, share: 0.88 },
				{ from_s: 1.9, share: 1 },
			],
		};
		const events = run([wave, steady, steady], 3);
		assert.equal(events.length, 1);
		near(events[0]!.duration_ms, 900, 30, "duration");
		near(events[0]!.extreme_mV, 202_400, 1, "residual");
		assert.equal(letterOf(events[0]!), "A3");
	});

	it("F115 three phases that fall one after the other are one event with the lowest voltage of all, class C3", () => {
		const events = run([drop(0.4, 1, 1.5), drop(0.45, 1.06, 1.5), drop(0.55, 1.12, 1.62)], 2);
		assert.equal(events.length, 1);
		const [event] = events as [Seen];
		near(event.start_ms, 990, 1, "start");
		near(event.start_ms + event.duration_ms, 1640, 1, "end");
		near(event.extreme_mV, 92_000, 1, "residual");
		assert.equal(event.phases, 7);
		near(event.phaseExtreme_mV[1]!, 103_500, 1, "L2");
		near(event.phaseExtreme_mV[2]!, 126_500, 1, "L3");
		assert.equal(letterOf(event), "C3");
	});

	it("F115 half a cycle without voltage is a dip to 70.7 %, class B1", () => {
		const events = run([steady, steady, drop(0, 1, 1.01)], 2);
		assert.equal(events.length, 1);
		near(events[0]!.extreme_mV, 162_635, 1, "residual");
		near(events[0]!.duration_ms, 40, 1, "duration");
		assert.equal(events[0]!.phases, 4);
		assert.equal(letterOf(events[0]!), "B1");
	});

	it("F115 two of three phases without voltage are a dip, class X2, not an interruption", () => {
		const events = run([drop(0, 1, 1.4), drop(0, 1, 1.4), steady], 2);
		assert.equal(events.length, 1);
		assert.equal(events[0]!.kind, dip);
		near(events[0]!.extreme_mV, 0, 1, "residual");
		assert.equal(letterOf(events[0]!), "X2");
	});

	it("F115 all phases without voltage are one record: an interruption with its own duration", () => {
		const events = run([drop(0, 1, 1.4), drop(0.02, 1.1, 1.5), drop(0, 1.05, 1.5)], 2);
		assert.equal(events.length, 1);
		const [event] = events as [Seen];
		assert.equal(event.kind, interruption);
		assert.equal(event.phases, 7);
		near(event.start_ms, 1100, 20, "start");
		near(event.start_ms + event.duration_ms, 1410, 20, "end");
		assert.equal(run([drop(0, 1, 1.4)], 2)[0]!.kind, interruption, "the only phase");
	});

	it("F115 a lost neutral is a dip and a swell side by side", () => {
		const events = run([drop(150 / 230, 1, 2), drop(260 / 230, 1, 2), drop(285 / 230, 1, 2)], 3);
		assert.deepEqual(
			events.map(({ kind, phases }) => [kind, phases]),
			[
				[dip, 1],
				[swell, 6],
			],
		);
		near(events[0]!.extreme_mV, 150_000, 1, "dip");
		near(events[1]!.extreme_mV, 285_000, 1, "swell");
		assert.equal(swellClass(events[1]!.extreme_mV, reference_mV, events[1]!.duration_ms), 1);
	});

	it("F115 207.0 V is no dip and 206.9 V is one; 253.0 V is no swell and 253.1 V is one", () => {
		assert.equal(run([drop(0.9, 1, 2)], 3).length, 0);
		assert.equal(run([drop(206.9 / 230, 1, 2)], 3).length, 1);
		assert.equal(run([drop(1.1, 1, 2)], 3).length, 0);
		assert.equal(run([drop(253.1 / 230, 1, 2)], 3)[0]!.kind, swell);
	});

	for (const frequency_Hz of [47.5, 50, 52.5, 60]) {
		for (const angle_deg of [0, 45, 90]) {
			it(`F115 edges at ${angle_deg} degrees, ${frequency_Hz} Hz, 10 % fifth harmonic: residual 1 %, duration one cycle`, () => {
				const wave = drop(0.4, 1, 1.3, { angle_deg, frequency_Hz, fifth: 0.1 });
				const events = run([wave], 2);
				assert.equal(events.length, 1);
				const rms_mV = 0.4 * reference_mV * Math.sqrt(1.01);
				near(events[0]!.extreme_mV, rms_mV, 2300, "residual");
				// the window that is lost and the one that returns belong to it: up to two half windows more
				near(events[0]!.duration_ms, 300 + 1000 / frequency_Hz, 1000 / frequency_Hz + 0.01, "duration");
			});
		}
	}
});

describe("power-quality/voltage-events: state machine", () => {
	/** The words of the standard, written down once more: what a phase may be after a value, by what it was. */
	function expected(state: number, percent: number): number {
		if (percent < 5 || (state === phaseState.interrupted && percent < 7)) return phaseState.interrupted;
		const wasLow = state === phaseState.dip || state === phaseState.interrupted;
		if (percent < 90 || (wasLow && percent < 92)) return phaseState.dip;
		if (percent > 110 || (state === phaseState.swell && percent > 108)) return phaseState.swell;
		return phaseState.normal;
	}

	it("F115 each state and each voltage from 0 to 130 % in steps of 0.1 % gives what the levels say", () => {
		for (const state of Object.values(phaseState)) {
			for (let permil = 0; permil <= 1300; permil++) {
				const band = bandOf((reference_mV * permil) / 1000, reference_mV);
				assert.equal(nextState[state]![band], expected(state, permil / 10), `${state} at ${permil}`);
			}
		}
	});

	it("F115 bands meet at 5, 7, 90, 92, 108 and 110 %, boundaries included where they do not count", () => {
		const at = (volts: number) => bandOf(volts * 1000, reference_mV);
		assert.equal(at(11.499), voltageBand.void);
		assert.equal(at(11.5), voltageBand.faint);
		assert.equal(at(16.1), voltageBand.low);
		assert.equal(at(207), voltageBand.recovering);
		assert.equal(at(211.6), voltageBand.normal);
		assert.equal(at(248.4), voltageBand.normal);
		assert.equal(at(253), voltageBand.receding);
		assert.equal(at(253.001), voltageBand.high);
	});

	it("F115 random sequences give the events of a plain restatement", () => {
		const voltages = fc.array(
			fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(0, 13, 100, 205, 209, 230, 250, 254, 290))),
			{
				minLength: 1,
				maxLength: 60,
			},
		);
		fc.assert(
			fc.property(voltages, (values) => {
				const seen = collector();
				const detector = new VoltageEvents(3, reference_mV, seen);
				const states = [0, 0, 0];
				const expectedEvents: { kind: number; phases: number; from: number; to: number; extreme: number }[] = [];
				let low: (typeof expectedEvents)[number] | undefined;
				let high: (typeof expectedEvents)[number] | undefined;
				let gone: { from: number; to: number } | undefined;
				let wasAllGone = false;
				[...values, [230, 230, 230]].forEach((row, n) => {
					const end = 100 + 10 * n;
					row.forEach((volts, phase) => {
						states[phase] = expected(states[phase]!, (volts / 230) * 100);
					});
					const isLow = states.map((state) => state === phaseState.dip || state === phaseState.interrupted);
					const isHigh = states.map((state) => state === phaseState.swell);
					const allGone = states.every((state) => state === phaseState.interrupted);
					if (allGone) gone ??= { from: end - 20, to: end };
					else if (wasAllGone && gone !== undefined) gone.to = end;
					wasAllGone = allGone;
					const mask = (flags: boolean[]) => flags.reduce((sum, flag, phase) => sum + (flag ? 1 << phase : 0), 0);
					if (isLow.includes(true)) {
						low ??= { kind: dip, phases: 0, from: end - 20, to: 0, extreme: Infinity };
						low.phases |= mask(isLow);
						low.extreme = Math.min(low.extreme, ...row.filter((_, phase) => isLow[phase]));
					} else if (low !== undefined) {
						expectedEvents.push(
							gone === undefined ? { ...low, to: end } : { ...low, kind: interruption, from: gone.from, to: gone.to },
						);
						low = undefined;
						gone = undefined;
					}
					if (isHigh.includes(true)) {
						high ??= { kind: swell, phases: 0, from: end - 20, to: 0, extreme: 0 };
						high.phases |= mask(isHigh);
						high.extreme = Math.max(high.extreme, ...row.filter((_, phase) => isHigh[phase]));
					} else if (high !== undefined) {
						expectedEvents.push({ ...high, to: end });
						high = undefined;
					}
					detector.next(
						Float64Array.from(row, (volts) => volts * 1000),
						end,
						20,
					);
				});
				assert.deepEqual(
					seen.events.map(({ kind, phases, start_ms, duration_ms, extreme_mV }) => ({
						kind,
						phases,
						from: start_ms,
						to: start_ms + duration_ms,
						extreme: extreme_mV / 1000,
					})),
					expectedEvents,
				);
			}),
			{ numRuns: 500 },
		);
	});
});

describe("power-quality/event-class", () => {
	it("F115 cells of the dip table: boundaries belong to the row above and the column before", () => {
		const cell = (volts: number, ms: number) => classLetter(dipClass(volts * 1000, reference_mV, ms));
		assert.equal(cell(206.9, 10), "A1");
		assert.equal(cell(184, 200), "A1");
		assert.equal(cell(183.9, 200.1), "B2");
		assert.equal(cell(161, 500), "B2");
		assert.equal(cell(160.9, 1000), "C3");
		assert.equal(cell(92, 1000.1), "C4");
		assert.equal(cell(91.9, 5000), "D4");
		assert.equal(cell(11.5, 5001), "D5");
		assert.equal(cell(11.4, 90_000), "X5");
	});

	it("F115 cells of the swell table", () => {
		const cell = (volts: number, ms: number) => swellClass(volts * 1000, reference_mV, ms);
		assert.equal(cell(276, 500), 0);
		assert.equal(cell(275.9, 500), 3);
		assert.equal(cell(280, 501), 1);
		assert.equal(cell(254, 5000), 4);
		assert.equal(cell(300, 70_000), 2);
	});
});
