// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import type { SimulatedInstrument } from "../../hosts/simulator/simulated-instrument.js";
import type { DlmsClient } from "../support/client/client.js";
import { asNumber, data, elementsOf, ref } from "../support/client/data.js";
import { result } from "../support/client/services.js";
import { RunningMeter } from "../support/running-meter.js";
import { type ModelName, modelNames } from "../support/specified-meter.js";

const selection = ref(1, "0-0:96.56.3.255");
const scripts = ref(9, "0-0:10.0.104.255");
const sources = (first: number, second: number) => data.structure(data.enum(first), data.enum(second));
type Reactive = "inductive" | "capacitive";

describe("sources of the LEDs, from outside", () => {
	let meter: RunningMeter;
	let instrument: SimulatedInstrument;
	afterEach(() => meter.close());

	const start = async (model: ModelName, options: Parameters<typeof RunningMeter.start>[1] = {}): Promise<void> => {
		meter = await RunningMeter.start(model, { speed: 0, ...options });
		instrument = meter.instrument();
		step(3);
	};
	const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
	const manage = <Value>(use: (client: DlmsClient) => Promise<Value>) => meter.with("management", use);
	const select = (first: number, second: number) =>
		manage(async (client) => assert.equal(await client.set(selection, 2, sources(first, second)), result.success));
	const load = (powerFactor: number, reactive: Reactive = "inductive") => {
		instrument.setPhase(1, { current_A: 5, powerFactor, reactive });
		step(5);
	};
	/** Impulses of the two LEDs in ten minutes, and what registers C took meanwhile. */
	const run = async (...groups: number[]) => {
		const registers = () =>
			manage(async (client) => {
				const values: number[] = [];
				for (const c of groups) values.push(asNumber(await client.read(ref(3, `1-0:${c}.8.0.255`), 2)));
				return values;
			});
		const [before, then] = [instrument.leds(), await registers()];
		step(600);
		const [after, now] = [instrument.leds(), await registers()];
		return {
			first: after.active.count - before.active.count,
			second: after.reactive.count - before.reactive.count,
			grown: now.map((value, n) => value - then[n]!),
		};
	};
	/** As many impulses as the constant of the model makes of that energy. */
	const assertPulses = (model: ModelName, pulses: number, energy: number, what: string) => {
		const perUnit = model === "ST402C" ? 10 : 1;
		assert.ok(Math.abs(pulses - energy * perUnit) <= 1 + perUnit, `${what}: ${pulses} impulses for ${energy}`);
	};

	for (const model of modelNames) {
		it(`F47, F49: ${model} flashes for A+ and |R| as from the factory: dark while energy is exported`, async () => {
			await start(model);
			assert.deepEqual(await manage((client) => client.read(selection, 2)), sources(0, 4));
			load(0.8);
			const imported = await run(1, 3);
			assert.ok(imported.grown[0]! > 150);
			assertPulses(model, imported.first, imported.grown[0]!, "A+");
			assertPulses(model, imported.second, imported.grown[1]!, "|R|");
			load(-0.8, "capacitive");
			const exported = await run(2, 4);
			assert.equal(exported.first, 0, "dark");
			assertPulses(model, exported.second, exported.grown[1]!, "|R| of the other sign");
			load(0.8);
			const again = await run(1);
			assertPulses(model, again.first, again.grown[0]!, "A+ again");
		});

		it(`F47, F49: ${model} flashes for |A|, R+ and S+ when it is told to`, async () => {
			await start(model);
			await select(1, 2);
			load(-0.8, "inductive");
			const one = await run(2, 3);
			assertPulses(model, one.first, one.grown[0]!, "|A| of export");
			assertPulses(model, one.second, one.grown[1]!, "R+");
			load(-0.8, "capacitive");
			assert.equal((await run()).second, 0, "R- is not R+");
			await select(3, 0);
			load(0.5);
			const two = await run(9, 1);
			assertPulses(model, two.first, two.grown[0]!, "S+");
			assertPulses(model, two.second, two.grown[1]!, "A+ on the second LED");
			load(-0.5);
			const three = await run();
			assert.deepEqual([three.first, three.second], [0, 0], "both dark");
		});
	}

	it("F49: scripts of 0-0:10.0.104 switch the first LED and leave the second; the choice survives a power cut", async () => {
		await start("ST402D");
		await manage(async (client) => {
			for (const source of [1, 2, 3, 4, 5, 0]) {
				const answer = await client.action(scripts, 1, data.longUnsigned(source + 1));
				assert.equal(answer.result, result.success);
				assert.deepEqual(await client.read(selection, 2), sources(source, 4));
			}
			assert.equal((await client.action(scripts, 1, data.longUnsigned(7))).result, result.otherReason);
			assert.equal((await client.action(scripts, 1, data.longUnsigned(2))).result, result.success);
			assert.equal(elementsOf(await client.read(scripts, 2)).length, 6);
		});
		const { simulated } = meter.simulator;
		simulated.cutPower();
		simulated.restorePower();
		step(5);
		assert.deepEqual(await manage((client) => client.read(selection, 2)), sources(1, 4));
		load(-1);
		const { first, grown } = await run(2);
		assertPulses("ST402D", first, grown[0]!, "|A| after the cut");
	});

	it("F48: a source that cannot be is refused and nothing changes; the constant is that of what the LED shows", async () => {
		await start("ST402D");
		await manage(async (client) => {
			for (const wrong of [sources(6, 4), sources(0, 6), sources(255, 4)]) {
				assert.equal(await client.set(selection, 2, wrong), result.otherReason);
			}
			assert.equal(await client.set(selection, 2, data.enum(0)), result.typeUnmatched);
			assert.deepEqual(await client.read(selection, 2), sources(0, 4));
		});
		await meter.with("reader", async (client) => {
			assert.notEqual(await client.set(selection, 2, sources(1, 4)).catch(() => -1), result.success);
		});
		meter.simulator.simulated.housing.set({ sealOpen: true });
		step(2);
		await meter.with(
			"metrology",
			async (client) => {
				assert.equal(await client.set(ref(3, "1-0:0.3.1.255"), 2, data.doubleLongUnsigned(5000)), result.success);
				assert.equal(
					(await client.action(scripts, 1, data.longUnsigned(5))).result,
					result.success,
					"|R| on the first LED",
				);
			},
			"direct HDLC",
		);
		load(0.5);
		const { first, grown } = await run(3);
		assert.ok(Math.abs(first - 5 * grown[0]!) <= 6, `${first} impulses of ${grown[0]} varh`);
	});

	for (const model of modelNames) {
		it(`F49: ${model}, script 6: the first LED gives the seconds of the clock part, as exact as it is, and nothing else`, async () => {
			await start(model);
			load(0.8);
			await manage(async (client) => {
				assert.equal((await client.action(scripts, 1, data.longUnsigned(6))).result, result.success);
				assert.deepEqual(await client.read(selection, 2), sources(5, 4));
			});
			step(3);
			for (const error_ppm of [0, 200]) {
				instrument.setClockPart({ error_ppm });
				step(2);
				const before = instrument.leds();
				step(3600);
				const after = instrument.leds();
				const seconds = after.active.count - before.active.count;
				assert.ok(Math.abs(seconds - 3600) <= 1, `${seconds} flashes in an hour`);
				const each_s = (after.active.lastEdge_s! - before.active.lastEdge_s!) / seconds;
				assert.ok(Math.abs(each_s * (1 + error_ppm / 1e6) - 1) < 1e-6, `${each_s} s`);
				assert.ok(after.reactive.count > before.reactive.count, "the second LED goes on");
			}
			// a fast clock gives another flash every few of the stretches below
			instrument.setClockPart({ error_ppm: 0 });
			step(2);
			const { simulated } = meter.simulator;
			simulated.cutPower();
			const dark = instrument.leds().active.count;
			step(5);
			assert.equal(instrument.leds().active.count, dark, "no flash without supply");
			simulated.restorePower();
			step(5);
			const again = instrument.leds().active.count;
			step(60);
			assert.equal(instrument.leds().active.count - again, 60, "the choice survives the cut");
			await select(0, 5);
			const energy = await run(1);
			assertPulses(model, energy.first, energy.grown[0]!, "A+ again");
			assert.equal(energy.second, 600);
		});

		it(`F04, F09, F47: ${model} with arithmetic sums and S as root of P² + Q² flashes as its registers count`, async () => {
			await start(model, { sum: "arithmetic", apparent: "vectorial" });
			load(0.8);
			if (model !== "SM402D") instrument.setPhase(2, { current_A: 3, powerFactor: -0.9, reactive: "inductive" });
			step(5);
			const usual = await run(1, 3, 4);
			assertPulses(model, usual.first, usual.grown[0]!, "A+");
			assertPulses(model, usual.second, usual.grown[1]! + usual.grown[2]!, "|R|");
			await select(1, 3);
			step(3);
			const other = await run(15, 9);
			assertPulses(model, other.first, other.grown[0]!, "|A|");
			assertPulses(model, other.second, other.grown[1]!, "S+");
			await select(2, 0);
			step(3);
			const third = await run(3, 1);
			assertPulses(model, third.first, third.grown[0]!, "R+");
			assertPulses(model, third.second, third.grown[1]!, "A+ on the second LED");
		});
	}

	it("F47: impulses of the processor come as evenly as those of a chip: an error over ten of them is within 0.1 %", async () => {
		await start("ST402D", { sum: "arithmetic" });
		instrument.setPhase(1, { current_A: 20, powerFactor: 1, reactive: "inductive" });
		step(10);
		assert.ok((await spreadOfTen(60)) < 0.001);
	});

	for (const gear of ["phasor", "waveform"] as const) {
		for (const model of modelNames) {
			it(`F47: ${model} in ${gear} gear: at the maximum current ten impulses take what they are to take within 0.1 %, a fifth of class C`, async () => {
				await start(model, { gear });
				const current_A = model === "ST402C" ? 6 : 100;
				const phases = model === "SM402D" ? [1] : [1, 2, 3];
				for (const phase of phases)
					instrument.setPhase(phase as 1 | 2 | 3, { current_A, powerFactor: 1, reactive: "inductive" });
				step(10);
				const perKilo = model === "ST402C" ? 10_000 : 1000;
				const power_W = phases.length * 230 * current_A;
				assert.ok((await spreadOfTen(gear === "phasor" ? 30 : 8, 3_600_000 / perKilo / power_W)) < 0.001);
			});
		}
	}

	/**
	 * The greatest deviation of the time of ten impulses in a row, from `period_s` or from their mean.
	 * Edges are taken one by one: the steps are shorter than their distance.
	 */
	async function spreadOfTen(duration_s: number, period_s?: number): Promise<number> {
		const edges: number[] = [];
		let { count } = instrument.leds().active;
		for (let n = 0; n < duration_s * 100; n++) {
			meter.simulator.pacer.step(10);
			const { active } = instrument.leds();
			if (active.count !== count) edges.push(active.lastEdge_s!);
			assert.ok(active.count - count <= 1, "one edge at a time");
			count = active.count;
		}
		const tens = edges.slice(10).map((edge, n) => (edge - edges[n]!) / 10);
		assert.ok(tens.length > 20, `${tens.length} times of ten`);
		const wanted = period_s ?? tens.reduce((sum, x) => sum + x, 0) / tens.length;
		return Math.max(...tens.map((x) => Math.abs(x / wanted - 1)));
	}
});
