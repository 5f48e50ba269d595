// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelName } from "../../src/models/model.js";
import { cfgOf, type Draft, datOf } from "../hosts/simulator/grid/comtrade-writer.js";
import { assertClose } from "../support/assert-close.js";
import { asNumber, ref } from "../support/client/data.js";
import { RunningMeter } from "../support/running-meter.js";

const settle_ms = 8000;
const turn = 2 * Math.PI;

/** One phase: fundamental, and one harmonic of voltage and of current. */
interface PhaseShape {
	readonly voltage_V: number;
	readonly current_A: number;
	/** Of the current behind the voltage. */
	readonly lag_deg: number;
	readonly third: number;
	readonly fifth: number;
}

const shapes: readonly PhaseShape[] = [
	{ voltage_V: 230, current_A: 10, lag_deg: 60, third: 0.03, fifth: 0.2 },
	{ voltage_V: 221, current_A: 7, lag_deg: -30, third: 0.05, fifth: 0.1 },
	{ voltage_V: 238, current_A: 15, lag_deg: 130, third: 0, fifth: 0 },
];

interface Case {
	readonly model: ModelName;
	readonly rate_Hz: number;
	readonly frequency_Hz: number;
	readonly type: "ASCII" | "BINARY" | "BINARY32" | "FLOAT32";
	/** Order of the channels in the file. */
	readonly names: readonly string[];
	/** Multiplier of the stored numbers. */
	readonly a: number;
	readonly unit?: (name: string) => string;
}

const inOrder = ["U1", "U2", "U3", "I1", "I2", "I3"];
const kilovolts = (name: string): string => (/^u/i.test(name) ? "kV" : "mA");

const cases: readonly Case[] = [
	{ model: "ST402D", rate_Hz: 1600, frequency_Hz: 50, type: "BINARY32", names: inOrder, a: 1e-4 },
	{
		model: "ST402D",
		rate_Hz: 4800,
		frequency_Hz: 60,
		type: "ASCII",
		names: ["I3", "I1", "I2", "U2", "U3", "U1"],
		a: 1e-3,
	},
	{ model: "ST402D", rate_Hz: 6400, frequency_Hz: 49.5, type: "FLOAT32", names: inOrder, a: 1 },
	{ model: "ST402C", rate_Hz: 10_000, frequency_Hz: 50, type: "BINARY", names: [...inOrder].reverse(), a: 0.0125 },
	{ model: "ST402D", rate_Hz: 25_600, frequency_Hz: 51, type: "BINARY32", names: inOrder, a: 1e-4, unit: kilovolts },
	{ model: "SM402D", rate_Hz: 3906.25, frequency_Hz: 50, type: "BINARY32", names: inOrder, a: 1e-4 },
	{ model: "ST402C", rate_Hz: 51_200, frequency_Hz: 50, type: "FLOAT32", names: inOrder, a: 1 },
	{ model: "SM402D", rate_Hz: 100_000, frequency_Hz: 50, type: "FLOAT32", names: inOrder, a: 1 },
	{ model: "SM402D", rate_Hz: 12_800, frequency_Hz: 60, type: "ASCII", names: ["I1", "U1"], a: 1e-3 },
];

/** Behind transformers flows less: 6 A at most. */
function currentScale(model: ModelName): number {
	return model === "ST402C" ? 0.4 : 1;
}

/** A whole number of cycles and of samples. */
function sampleCount(rate_Hz: number, frequency_Hz: number): number {
	for (let cycles = Math.ceil(frequency_Hz / 2); ; cycles++) {
		const count = (cycles * rate_Hz) / frequency_Hz;
		if (Math.abs(count - Math.round(count)) < 1e-9) return Math.round(count);
	}
}

function draftOf({ model, rate_Hz, frequency_Hz, type, names, a, unit }: Case): Draft {
	const count = sampleCount(rate_Hz, frequency_Hz);
	const scaleOf = (name: string): number => ({ kV: 1e-3, mA: 1e3 })[unit?.(name) ?? ""] ?? 1;
	const values = names.map((name) => {
		const shape = shapes[Number(name[1]) - 1]!;
		const place = -(turn * (Number(name[1]) - 1)) / 3;
		const isVoltage = name[0] === "U";
		const peak = Math.SQRT2 * (isVoltage ? shape.voltage_V : shape.current_A * currentScale(model)) * scaleOf(name);
		const [order, share] = isVoltage ? [3, shape.third] : [5, shape.fifth];
		const first = place - (isVoltage ? 0 : (shape.lag_deg * Math.PI) / 180);
		return Array.from({ length: count }, (_, n) => {
			const angle = (turn * frequency_Hz * n) / rate_Hz;
			const x = peak * (Math.cos(angle + first) + share * Math.cos(order * angle + 1));
			return type === "FLOAT32" ? x / a : Math.round(x / a);
		});
	});
	return { type, names, values, a, rates: [[rate_Hz, count]], ...(unit === undefined ? {} : { unit }) };
}

/** An earth fault on L1 in a loop of 0.4 s: its voltage falls and turns, its current rises, for four cycles. */
const fault = { from: 576, to: 832, rate_Hz: 3200, count: 1280 };

function earthFault(): Draft {
	const { from, to, rate_Hz, count } = fault;
	const a = 1e-4;
	const values = inOrder.map((name) => {
		const phase = Number(name[1]) - 1;
		const isVoltage = name[0] === "U";
		return Array.from({ length: count }, (_, n) => {
			const isFaulty = phase === 0 && n >= from && n < to;
			const angle = turn * (50 * (n / rate_Hz) - phase / 3) - (isFaulty ? (isVoltage ? 0.7 : 1.8) : 0);
			const rms = isVoltage ? (isFaulty ? 150 : 230) : isFaulty ? 70 : 8;
			return Math.round((Math.SQRT2 * rms * Math.cos(angle)) / a);
		});
	});
	return { type: "BINARY32", names: inOrder, values, a, rates: [[rate_Hz, count]] };
}

/** RMS of a channel over the loop, without what direct current is in it. */
function wholeRms(draft: Draft, channel: number): number {
	const values = draft.values[channel]!.map((value) => value * (draft.a ?? 1));
	const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
	return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

describe("recordings of any kind on the terminals, read by a client", () => {
	let folder = "";
	before(() => {
		folder = mkdtempSync(join(tmpdir(), "sx402-recordings-"));
	});
	after(() => rmSync(folder, { recursive: true, force: true }));

	for (const recording of cases) {
		const { model, rate_Hz, frequency_Hz, type, names } = recording;
		it(`F07 F12 F13 F14 F15 F16 ${model} reads U, I, P, Q and f of ${rate_Hz} Hz, ${type}, ${frequency_Hz} Hz mains, ${names.join(" ")}`, async () => {
			const path = join(folder, `r${rate_Hz}.cfg`);
			const draft = draftOf(recording);
			writeFileSync(path, cfgOf(draft));
			writeFileSync(path.replace(/cfg$/, "dat"), datOf(draft));
			const running = await RunningMeter.start(model, { speed: 0, waveform: path });
			const meter = running.simulator;
			const client = await running.connect("management");
			try {
				const read = async (name: string): Promise<number> => asNumber(await client.read(ref(3, `1-0:${name}.255`), 2));
				meter.pacer.step(settle_ms);
				const currentUnit = model === "ST402C" ? 1000 : 100;
				assertClose((await read("14.7.0")) / 100, frequency_Hz, 0.005 + 1e-4 * frequency_Hz, "f");
				for (let phase = 1; phase <= (model === "SM402D" ? 1 : 3); phase++) {
					const shape = shapes[phase - 1]!;
					const c = 20 * phase;
					const volts = shape.voltage_V * Math.sqrt(1 + shape.third ** 2);
					const current_A = shape.current_A * currentScale(model);
					const amperes = current_A * Math.sqrt(1 + shape.fifth ** 2);
					const angle = (shape.lag_deg * Math.PI) / 180;
					const watts = shape.voltage_V * current_A * Math.cos(angle);
					const vars = shape.voltage_V * current_A * Math.sin(angle);
					assertClose((await read(`${12 + c}.7.0`)) / 10, volts, 0.001 * volts + 0.05, `U${phase}`);
					const amperesRead = (await read(`${11 + c}.7.0`)) / currentUnit;
					assertClose(amperesRead, amperes, 0.001 * amperes + 0.5 / currentUnit, `I${phase}`);
					const wattsRead = (await read(`${1 + c}.7.0`)) - (await read(`${2 + c}.7.0`));
					assertClose(wattsRead, watts, 0.002 * Math.abs(watts) + 0.5, `P${phase}`);
					const varsRead = (await read(`${3 + c}.7.0`)) - (await read(`${4 + c}.7.0`));
					assertClose(varsRead, vars, 0.002 * Math.abs(vars) + 0.5, `Q${phase}`);
					const voltageThd = (await read(`${12 + c}.7.124`)) / 100;
					assertClose(voltageThd, 100 * shape.third, Math.max(5 * shape.third, 0.1) + 0.005, `THD U${phase}`);
					const currentThd = (await read(`${11 + c}.7.124`)) / 100;
					const noise = model === "SM402D" ? 1.3 / current_A : 0;
					assertClose(currentThd, 100 * shape.fifth, Math.max(5 * shape.fifth, 0.1) + noise, `THD I${phase}`);
				}
			} finally {
				await client.close();
				await running.close();
			}
		}).timeout(120_000);
	}

	it("F16 F115 ST402D averages the current of a looped earth fault over all cycles, though the phase jumps in every loop", async () => {
		const path = join(folder, "fault.cfg");
		const draft = earthFault();
		writeFileSync(path, cfgOf(draft));
		writeFileSync(path.replace(/cfg$/, "dat"), datOf(draft));
		// the minute of the average begins with the clock and holds a part of a loop at either end, which tells at some starts
		const clock_s = 849_960_000;
		const running = await RunningMeter.start("ST402D", { speed: 0, clock_s, waveform: path });
		const meter = running.simulator;
		try {
			meter.pacer.step(125_000);
			const client = await running.connect("management");
			for (let phase = 1; phase <= 3; phase++) {
				const amperes = asNumber(await client.read(ref(3, `1-0:${11 + 20 * phase}.24.0.255`), 2)) / 100;
				const truth = wholeRms(draft, 2 + phase);
				assertClose(amperes, truth, 0.001 * truth + 0.005, `I${phase}`);
			}
			await client.close();
		} finally {
			await running.close();
		}
	}).timeout(120_000);
});
