// SPDX-License-Identifier: Apache-2.0
// npm run calibrate -- --model ST402D --seed 1: shows a board before and after its calibration.
import { Command, InvalidArgumentError, Option } from "commander";
import { ade7953Calibration } from "../../../src/drivers/ade7953-calibration.js";
import { ade9000Calibration } from "../../../src/drivers/ade9000-calibration.js";
import type { TestLoad } from "../../../src/factory/bench.js";
import { leastCurrent_A } from "../../../src/factory/least-current.js";
import type { Calibration } from "../../../src/metrology/calibration.js";
import { type ModelDescriptor, type ModelName, models } from "../../../src/models/model.js";
import { calibrateBoard, measureBoard } from "./calibrate.js";
import { type BoardTolerances, drawTolerances } from "./tolerances.js";

/** Below 91 s of maximum current, where the counters of the ADE7953 turn over. */
const measure_s = 60;
const channelNames = Object.freeze(["U1", "U2", "U3", "I1", "I2", "I3", "IN"]);

interface Point {
	readonly name: string;
	readonly load: TestLoad;
}

function pointsOf(model: ModelDescriptor): Point[] {
	const voltage_V = model.nominalVoltage_V;
	const reference_A = model.referenceCurrent_mA / 1000;
	const maximum_A = model.maximumCurrent_mA / 1000;
	const least_A = leastCurrent_A(model);
	const rows: [string, number, number][] = [
		["PF 1", least_A, 0],
		["PF 1", reference_A, 0],
		["PF 0.5 ind", reference_A, 60],
		["PF 0.8 cap", reference_A, -36.87],
		["PF 1", maximum_A, 0],
		["PF 0.5 ind", maximum_A, 60],
	];
	return rows.map(([factor, current_A, angle_deg]) => ({
		name: `${`${current_A} A`.padStart(8)}  ${factor}`,
		load: { voltage_V, current_A, angle_deg },
	}));
}

const percent = (error: number): string => (error * 100).toFixed(4).padStart(9);

function printErrors(model: ModelDescriptor, before: number[][], after: number[][]): void {
	const phases = Array.from({ length: model.phases }, (_, n) => `L${n + 1}`.padStart(9)).join("");
	const width = phases.length;
	console.log("Errors of active power, %".padEnd(30) + "before".padStart(width) + "after".padStart(width + 2));
	console.log(`${"".padEnd(30)}${phases}  ${phases}`);
	pointsOf(model).forEach(({ name }, n) => {
		console.log(`${name.padEnd(30)}${before[n]!.map(percent).join("")}  ${after[n]!.map(percent).join("")}`);
	});
}

function printBoard(model: ModelDescriptor, { channels, crystal_ppm }: BoardTolerances): void {
	const used = model.phases === 1 ? [0, 3, 6] : [0, 1, 2, 3, 4, 5, 6];
	console.log("The board:".padEnd(16) + used.map((c) => channelNames[c]!.padStart(9)).join(""));
	const row = (name: string, value: (c: number) => number, digits: number) =>
		console.log(`  ${name}`.padEnd(16) + used.map((c) => value(c).toFixed(digits).padStart(9)).join(""));
	row("gain, %", (c) => 100 * (channels[c]!.gain ?? 0), 3);
	row("late by, µs", (c) => channels[c]!.delay_us ?? 0, 2);
	row("offset, % FS", (c) => 100 * (channels[c]!.offset ?? 0), 3);
	console.log(`  crystal ${crystal_ppm.toFixed(1)} ppm\n`);
}

function printCalibration(model: ModelDescriptor, { values, unitNumerator }: Calibration): void {
	console.log("\nWhat is sealed in the meter:");
	const isAde7953 = model.board.frontEnd === "ADE7953";
	const parts = isAde7953 ? [ade7953Calibration(values)] : ade9000Calibration(values).phases;
	for (const name of Object.keys(parts[0]!)) {
		const found = parts.map((part) => String((part as unknown as Record<string, number>)[name]).padStart(12));
		console.log(`  ${name.padEnd(28)}${found.join("")}`);
	}
	if (!isAde7953) console.log(`  ${"neutralGain".padEnd(28)}${String(values.at(-3)).padStart(12)}`);
	console.log(`  ${"unitNumerator".padEnd(28)}${String(unitNumerator).padStart(12)}`);
}

function parseSeed(text: string): number {
	if (!/^\d+$/.test(text)) throw new InvalidArgumentError("A seed is a whole number.");
	return Number(text);
}

const program = new Command("calibrate")
	.description("Calibrates a simulated board by the procedure of a real one, and shows it before and after.")
	.addOption(new Option("--model <name>", "model").choices(models.map(({ name }) => name)).default("ST402D"))
	.addOption(new Option("--seed <number>", "the board").argParser(parseSeed).default(1))
	.parse();
const options = program.opts<{ model: ModelName; seed: number }>();
const model = models.find(({ name }) => name === options.model)!;
const tolerances = drawTolerances(model, options.seed);
const loads = pointsOf(model).map(({ load }) => load);

console.log(`${model.name}, board ${options.seed}, ${model.board.frontEnd}\n`);
printBoard(model, tolerances);
const before = measureBoard(model, tolerances, options.seed, undefined, loads, measure_s);
const calibration = calibrateBoard(model, tolerances, options.seed);
const after = measureBoard(model, tolerances, options.seed, calibration, loads, measure_s);
printErrors(model, before, after);
printCalibration(model, calibration);
