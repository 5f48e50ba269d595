// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SimulatedInstrument } from "../../hosts/simulator/simulated-instrument.js";
import { startSimulator } from "../../hosts/simulator/start.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { models, sm402d, st402d } from "../../src/models/model.js";
import { flashLayout } from "../../src/storage/layout.js";
import { MeterBench } from "../events/meter-bench.js";
import { asNumber, elementsOf, ref } from "../support/client/data.js";
import { RunningMeter } from "../support/running-meter.js";

type PhaseNumber = 1 | 2 | 3;

/** A NOR sector stands 100,000 erasures, in twenty years. */
const erasuresPerDay = 100_000 / (20 * 365);
/** Event of the power quality log; L2 and L3 follow. */
const overVoltageL1 = 79;

describe("quantities, from outside", () => {
	for (const model of models) {
		const phases = ([1, 2, 3] as const).slice(0, model.phases);
		const currentUnit = model.currentScaler === -3 ? 1000 : 100;
		const reference_A = model.referenceCurrent_mA / 1000;
		const transitional_A = (model.nominalRatio_A > 0 ? 0.05 : 0.1) * reference_A;

		describe(model.name, () => {
			let meter: RunningMeter;
			let instrument: SimulatedInstrument;
			before(async () => {
				meter = await RunningMeter.start(model.name, { speed: 0 });
				instrument = meter.instrument();
			});
			after(() => meter.close());
			beforeEach(() => {
				instrument.setMains({ frequency_Hz: 50, phaseOrder: "123" });
				for (const phase of [1, 2, 3] as const)
					if (phase <= model.phases) put(phase, { voltage_V: 230, current_A: 0, angle_deg: 0, currentHarmonics: [] });
			});

			const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
			const put = (phase: PhaseNumber, setting: Parameters<SimulatedInstrument["setPhase"]>[1]) =>
				instrument.setPhase(phase, setting);
			const putAll = (setting: Parameters<SimulatedInstrument["setPhase"]>[1]) => {
				for (const phase of phases) put(phase, setting);
			};
			/** Registers 1-0:`name`. */
			const read = <const Names extends readonly string[]>(
				...names: Names
			): Promise<{ [Name in keyof Names]: number }> =>
				meter.with("management", async (client) => {
					const values: number[] = [];
					for (const name of names) values.push(asNumber(await client.read(ref(3, `1-0:${name}.255`), 2)));
					return values as { [Name in keyof Names]: number };
				});
			const near = (value: number, truth: number, share: number, digit: number, what: string) =>
				assert.ok(Math.abs(value - truth) <= share * Math.abs(truth) + digit, `${what}: ${value} instead of ${truth}`);
			/** What the registers grow by in so many seconds. */
			const grown = async (seconds: number, ...names: string[]): Promise<number[]> => {
				const early = await read(...names);
				step(seconds);
				const late = await read(...names);
				return late.map((value, n) => value - early[n]!);
			};

			it("F14 F15: voltage from 0.8 to 1.15 Un and current from Itr to Imax within 0.5 %, 0 below their thresholds", async () => {
				const maximum_A = model.maximumCurrent_mA / 1000;
				for (const [share, current_A] of [
					[0.8, transitional_A],
					[0.9, reference_A],
					[1.1, 0.4 * maximum_A],
					[1.15, maximum_A],
				] as const) {
					putAll({ voltage_V: 230 * share, current_A });
					step(5);
					for (const phase of phases) {
						const [u, i] = await read(`${12 + 20 * phase}.7.0`, `${11 + 20 * phase}.7.0`);
						near(u / 10, 230 * share, 0.005, 0.05, `U${phase}`);
						near(i / currentUnit, current_A, 0.005, 0.5 / currentUnit, `I${phase}`);
					}
				}
				putAll({ voltage_V: 11, current_A: (0.8 * model.startingCurrent_mA) / 1000 });
				step(5);
				for (const phase of phases)
					assert.deepEqual(await read(`${12 + 20 * phase}.7.0`, `${11 + 20 * phase}.7.0`), [0, 0]);
			});

			it("F14: a voltage beyond the range is read as the highest measurable one, event over-voltage", async () => {
				const peak_V = model.board.voltageFullScale_mV / 1000;
				let before = 0;
				for (const voltage_V of [300, 400, 600, 800, 1000]) {
					putAll({ voltage_V });
					step(5);
					const [u] = await read("32.7.0");
					if (voltage_V < peak_V) near(u / 10, voltage_V, 0.005, 0.05, "U");
					else assert.ok(u / 10 > 0.99 * peak_V && u / 10 < 1.42 * peak_V, `${u / 10} V at ${voltage_V} V`);
					assert.ok(u >= before, "never less than before");
					before = u;
				}
				const overVoltages = () =>
					meter.with("management", async (client) =>
						elementsOf(await client.read(ref(7, "0-0:99.98.4.255"), 2))
							.map((row) => asNumber(elementsOf(row)[1]!))
							.filter((code) => code >= overVoltageL1 && code < overVoltageL1 + 3),
					);
				assert.deepEqual(await overVoltages(), [], "not before a minute");
				step(60);
				assert.deepEqual(
					await overVoltages(),
					phases.map((phase) => overVoltageL1 + phase - 1),
				);
			});

			it("F16: frequency from 42.5 to 57.5 Hz within 0.02 Hz, 0 without voltage", async () => {
				for (const frequency_Hz of [42.5, 45, 49.9, 50, 52.4, 57.5]) {
					instrument.setMains({ frequency_Hz });
					step(5);
					const [f] = await read("14.7.0");
					near(f / 100, frequency_Hz, 0, 0.02, "f");
				}
				putAll({ voltage_V: 0 });
				step(5);
				assert.deepEqual(await read("14.7.0"), [0]);
			});

			it("F07: a distorted current without displacement of the fundamental gives no reactive energy", async () => {
				putAll({
					current_A: reference_A,
					currentHarmonics: [
						{ order: 3, fraction: 0.3, phase_deg: 90 },
						{ order: 5, fraction: 0.2, phase_deg: 40 },
					],
				});
				step(3);
				const [active, plus, minus] = await grown(3600, "1.8.0", "3.8.0", "4.8.0");
				near(active!, phases.length * 230 * reference_A, 0.001, 1, "A+");
				assert.ok(plus! + minus! <= 0.001 * active! + 1, `${plus} and ${minus} varh`);
			});

			it("F08 F10 F09: on the axis nothing is counted twice, whatever the noise; S+ is A+ within 0.1 %", async () => {
				putAll({ current_A: 4 * reference_A * (model.nominalRatio_A > 0 ? 0.25 : 1) });
				step(3);
				const names = ["1.8.0", "17.8.0", "20.8.0", "3.8.0", "4.8.0", "5.8.0", "6.8.0", "7.8.0", "8.8.0", "9.8.0"];
				const before = await read(...names);
				const [a, q1, q4, rp, rm, r1, r2, r3, r4, s] = await grown(7200, ...names);
				near(q1! + q4!, a!, 0, 1, "QI + QIV");
				near(r1! + r2!, rp!, 0, 1, "R1 + R2");
				near(r3! + r4!, rm!, 0, 1, "R3 + R4");
				assert.deepEqual([r2, r3], [0, 0]);
				assert.ok(rp! + rm! <= 0.001 * a! + 1, `${rp} and ${rm} varh`);
				near(s!, a!, 0.001, 1, "S+");
				assert.equal(before.length, names.length);
			});

			it("F11 F13: powers of either direction, absolute and by quadrant have settled 2 s after a step, the others read 0", async () => {
				for (const [quadrant, angle_deg] of [
					[1, 30],
					[2, 140],
					[3, 230],
					[4, 310],
				] as const) {
					putAll({ current_A: reference_A, angle_deg });
					step(2.2);
					const s = 230 * reference_A;
					const p = s * Math.cos((angle_deg * Math.PI) / 180);
					const q = s * Math.sin((angle_deg * Math.PI) / 180);
					for (const [base, count] of [[0, phases.length], ...phases.map((phase) => [20 * phase, 1])] as [
						number,
						number,
					][]) {
						const names = [1, 2, 15, 3, 4, 5, 6, 7, 8, 9, 10].filter((c) => base === 0 || c <= 4 || c >= 9);
						const values = await read(...names.map((c) => `${base + c}.7.0`));
						const truths: Record<number, number> = {
							[p > 0 ? 1 : 2]: Math.abs(p),
							15: Math.abs(p),
							[q > 0 ? 3 : 4]: Math.abs(q),
							[4 + quadrant]: Math.abs(q),
							[p > 0 ? 9 : 10]: s,
						};
						for (const [n, c] of names.entries())
							near(values[n]!, count * (truths[c] ?? 0), 0.005, 0.5, `1-0:${base + c}.7.0 at ${angle_deg} degrees`);
					}
				}
			});

			it("F16 F23: a mains frequency out of range is an event, never the nominal frequency, and energy goes on", async () => {
				const events = async (code: number): Promise<number> =>
					meter.with("management", async (client) => {
						const rows = elementsOf(await client.read(ref(7, "0-0:99.98.4.255"), 2));
						return rows.filter((row) => asNumber(elementsOf(row)[1]!) === code).length;
					});
				step(30);
				for (const frequency_Hz of [30, 60, 75]) {
					const [out, back] = [await events(242), await events(243)];
					instrument.setMains({ frequency_Hz });
					putAll({ current_A: reference_A });
					step(20);
					const [f] = await read("14.7.0");
					if (frequency_Hz === 60) near(f / 100, 60, 0, 0.02, "f");
					else assert.ok(f === 0 || Math.abs(f / 100 - frequency_Hz) <= 0.1, `${f / 100} Hz`);
					const [energy] = await grown(3600, "1.8.0");
					near(energy!, phases.length * 230 * reference_A, 0.01, 1, `A+ at ${frequency_Hz} Hz`);
					assert.equal(await events(242), out + 1, `event at ${frequency_Hz} Hz`);
					instrument.setMains({ frequency_Hz: 50 });
					step(30);
					assert.equal(await events(243), back + 1, "and its end");
					near((await read("14.7.0"))[0] / 100, 50, 0, 0.02, "f");
				}
			});

			if (model.phases === 3) {
				it("F12 F13: load on L2 alone moves the registers of L2 and of the total, no others", async () => {
					put(2, { current_A: reference_A, angle_deg: 40 });
					step(3);
					const names = [1, 3, 9].flatMap((c) => [0, 20, 40, 60].map((base) => `${base + c}.8.0`));
					const energies = await grown(3600, ...names);
					for (const [n, name] of names.entries()) {
						const truth = [Math.cos, Math.sin, () => 1][Math.floor(n / 4)]!((40 * Math.PI) / 180) * 230 * reference_A;
						if (n % 4 === 0 || n % 4 === 2) near(energies[n]!, truth, 0.001, 1, name);
						else assert.equal(energies[n], 0, name);
					}
				});

				it("F09 F22: a phase without voltage has apparent power 0; each phase alone keeps the meter measuring", async () => {
					for (const lone of phases) {
						for (const phase of phases)
							put(phase, { voltage_V: phase === lone ? 230 : 0, current_A: reference_A, angle_deg: 0 });
						step(5);
						for (const phase of phases) {
							const [s, u] = await read(`${20 * phase + 9}.7.0`, `${20 * phase + 12}.7.0`);
							near(s, phase === lone ? 230 * reference_A : 0, 0.005, 0.5, `S${phase}`);
							near(u / 10, phase === lone ? 230 : 0, 0.005, 0.05, `U${phase}`);
						}
						const [f] = await read("14.7.0");
						near(f / 100, 50, 0, 0.02, "f");
					}
				});
			}

			it("F22 G5: voltage swept from 0 to 1.2 Un and back: registers never fall, and agree where the meter works", async () => {
				let before = (await read("1.8.0"))[0];
				for (const percent of [0, 1, 3, 5, 8, 20, 50, 70, 80, 90, 100, 110, 115, 120, 100, 60, 30, 0]) {
					putAll({ voltage_V: 2.3 * percent, current_A: reference_A });
					step(600);
					const [now] = await read("1.8.0");
					assert.ok(now >= before, `${percent} %`);
					const truth = (phases.length * 2.3 * percent * reference_A) / 6;
					if (percent >= 8) near(now - before, truth, 0.002, 2, `${percent} % of Un`);
					else assert.ok(now - before <= 1.002 * truth + 2, `${percent} % of Un`);
					before = now;
				}
			});
		});
	}

	for (const model of [sm402d, st402d]) {
		it(`F22: ${model.name}, dips of 30 ms each second for an hour lose no energy and wear no sector by more than a day of its life`, async () => {
			const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
			const bench = new MeterBench({ model, flash });
			const phases = ([1, 2, 3] as const).slice(0, model.phases);
			for (const phase of phases) bench.grid.setPhase(phase, { voltage_V: 230, current_A: 5, angle_deg: 0 });
			bench.run(60);
			const energy = () => bench.with(async (client) => asNumber(await client.read(ref(3, "1-0:1.8.0.255"), 2)));
			const [before, erasures] = [await energy(), flash.eraseCounts.slice()];
			for (let second = 0; second < 3600; second++) {
				bench.run(0.5);
				for (const phase of phases) bench.grid.setPhase(phase, { voltage_V: 0, current_A: 0 });
				bench.run(0.03);
				for (const phase of phases) bench.grid.setPhase(phase, { voltage_V: 230, current_A: 5 });
				bench.run(0.47);
			}
			const energy_Wh = (await energy()) - before;
			const truth = 0.97 * model.phases * 1150;
			assert.ok(Math.abs(energy_Wh - truth) <= 0.002 * truth + 1, `${energy_Wh} instead of ${truth} Wh`);
			const worn = Math.max(...flash.eraseCounts.map((count, n) => count - erasures[n]!));
			assert.ok(worn <= erasuresPerDay, `${worn} erasures of a sector`);
		});
	}

	describe("another nominal voltage, another nominal frequency", () => {
		let meter: RunningMeter;
		let instrument: SimulatedInstrument;
		afterEach(() => meter.close());
		const start = async (...[model, options]: Parameters<typeof RunningMeter.start>) => {
			meter = await RunningMeter.start(model, { speed: 0, ...options });
			instrument = meter.instrument();
		};
		const step = (seconds: number) => meter.simulator.pacer.step(seconds * 1000);
		const register = (name: string) =>
			meter.with("management", async (client) => asNumber(await client.read(ref(3, `1-0:${name}.255`), 2)));
		const events = () =>
			meter.with("management", async (client) =>
				elementsOf(await client.read(ref(7, "0-0:99.98.4.255"), 2)).map((row) => asNumber(elementsOf(row)[1]!)),
			);

		for (const model of ["SM402D", "ST402D", "ST402C"] as const) {
			it(`F21: ${model} for 110 V measures there, and thresholds of the voltage follow`, async () => {
				await start(model, { nominalVoltage_V: 110 });
				assert.equal(await register("0.6.0"), 1100);
				step(30);
				instrument.setPhase(1, { voltage_V: 110, current_A: 4, angle_deg: 60 });
				step(5);
				const before = await register("1.8.0");
				step(18_000);
				assert.ok(Math.abs((await register("1.8.0")) - before - 1100) <= 1.1);
				assert.ok(Math.abs((await register("32.7.0")) - 1100) <= 1);
				assert.equal((await events()).filter((code) => code === 76 || code === 79).length, 0);
				instrument.setPhase(1, { voltage_V: 95 });
				step(90);
				instrument.setPhase(1, { voltage_V: 110 });
				step(30);
				const count = (name: string) =>
					meter.with("management", async (client) => asNumber(await client.read(ref(1, `1-0:${name}.255`), 2)));
				assert.equal(await count("32.32.0"), 1, "an under-voltage at 95 V");
				instrument.setPhase(1, { voltage_V: 125 });
				step(90);
				instrument.setPhase(1, { voltage_V: 110 });
				step(30);
				assert.equal(await count("32.36.0"), 1, "an over-voltage at 125 V");
			});

			it(`F16 F23: ${model} for 60 Hz measures from 51 to 69 Hz within 0.02 Hz, and tells a deviation from 60`, async () => {
				await start(model, { nominalFrequency_Hz: 60 });
				assert.equal(await register("0.6.2"), 600);
				instrument.setPhase(1, { voltage_V: 230, current_A: 4, angle_deg: 0 });
				step(60);
				assert.deepEqual(await events(), []);
				for (const frequency_Hz of [51, 55, 58.8, 60, 61.2, 65, 69]) {
					instrument.setMains({ frequency_Hz });
					step(5);
					const f = (await register("14.7.0")) / 100;
					assert.ok(Math.abs(f - frequency_Hz) <= 0.02, `${f} Hz instead of ${frequency_Hz}`);
					const before = await register("1.8.0");
					step(18_000);
					const energy_Wh = (await register("1.8.0")) - before;
					assert.ok(Math.abs(energy_Wh - 4600) <= 10, `${energy_Wh} Wh at ${frequency_Hz} Hz`);
				}
				assert.ok((await events()).includes(242));
			});
		}

		it("F21 F23: ratings that no meter has are refused at the start, and a data folder keeps what it was made for", async () => {
			await start("ST402D");
			for (const options of [{ nominalVoltage_V: 109 }, { nominalVoltage_V: 231 }, { nominalFrequency_Hz: 55 as 50 }]) {
				await assert.rejects(startSimulator({ model: "ST402D", tcp: 0, optical: 0, ...options }), /nominal/);
				const { model } = meter.simulator.simulated.meter.application;
				assert.throws(() => new MeterBench({ model: { ...model, ...options } }), /nominal/);
			}
			const data = mkdtempSync(join(tmpdir(), "sx402-ratings-"));
			try {
				const options = { model: "SM402D", tcp: 0, optical: 0, speed: 0, data } as const;
				await (await startSimulator({ ...options, nominalVoltage_V: 127 })).close();
				await assert.rejects(startSimulator(options), /made for 127 V, 50 Hz/);
				await (await startSimulator({ ...options, nominalVoltage_V: 127 })).close();
			} finally {
				rmSync(data, { recursive: true, force: true });
			}
		});
	});
});
