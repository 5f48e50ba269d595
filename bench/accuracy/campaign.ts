// SPDX-License-Identifier: Apache-2.0
import type { ModelDescriptor } from "../../src/models/model.js";
import {
	compareSinglePhase,
	testDirectionChanges,
	testLedAgainstRegister,
	testLowVoltage,
	testQuadrants,
	testRepeatability,
	testTransients,
} from "./behaviour.js";
import { controls } from "./controls.js";
import { type CreepResult, testNoLoad, testStart, testStarting } from "./creep.js";
import { measureHousehold } from "./household.js";
import { type Influence, influences } from "./influences.js";
import { allPoints, type Limits, type LoadPoint, quickPoints, waveformPoints } from "./load-points.js";
import { defaultEffort, type Effort, Station } from "./station.js";

/** What was found at one load point, an error per seed. */
export interface PointResult {
	readonly point: LoadPoint;
	readonly errors_percent: number[];
}

export interface InfluenceResult {
	readonly name: string;
	readonly gear: "phasor" | "waveform";
	readonly limits: Limits;
	/** Change of the error against the reference load, per seed. */
	readonly changes_percent: number[];
}

export interface ControlResult {
	readonly name: string;
	/** The worst try of each seed. */
	readonly worst: { readonly factor: string; readonly limit_percent: number; readonly error_percent: number }[];
}

/** Energy registers over DLMS. */
export interface RegisterResult {
	readonly name: string;
	readonly current_A: number;
	readonly limit_percent: number;
	/** Register against true energy; the least digit is 0.02 % of it. */
	readonly errors_percent: number[];
}

export interface Campaign {
	readonly model: ModelDescriptor;
	readonly seeds: readonly number[];
	/** Of the legally relevant part. */
	readonly firmware: { readonly version: string; readonly checksum: string };
	readonly points: PointResult[];
	readonly waveform: PointResult[];
	readonly registers: RegisterResult[];
	readonly influences: InfluenceResult[];
	readonly creep: CreepResult[];
	/** Repeatability, agreement of LED and register, sign logic, transients. */
	readonly behaviour: CreepResult[];
	/** An hour of a household sample by sample. */
	readonly household: CreepResult[];
	readonly controls: ControlResult[];
	/** Variants of the descriptor: another nominal voltage or frequency. */
	readonly variants: { readonly name: string; readonly points: PointResult[] }[];
}

export type Scope = "quick" | "all";

/** Low loads in waveform gear: the instants of the edges are exact, so that few pulses do; noise wants time. */
const waveformEffort: Effort = Object.freeze({ pulses: 2, duration_s: 10 });
const waveformLowEffort: Effort = Object.freeze({ pulses: 2, duration_s: 60 });

async function measurePoints(
	model: ModelDescriptor,
	seeds: readonly number[],
	points: readonly LoadPoint[],
	gear: "phasor" | "waveform",
): Promise<PointResult[]> {
	const results = points.map((point) => ({ point, errors_percent: [] as number[] }));
	for (const seed of seeds) {
		const station = await Station.open({ model, seed, gear });
		station.run(5);
		for (const { point, errors_percent } of results) {
			station.apply(point);
			const isLow = point.current_A < 0.5 * (model.referenceCurrent_mA / 1000);
			const effort = gear === "phasor" ? defaultEffort : isLow ? waveformLowEffort : waveformEffort;
			errors_percent.push(station.measure(point.quantity, effort).error_percent);
		}
	}
	return results;
}

/** So much energy that the least digit, 1 Wh, is a fiftieth of a percent. */
const registerEnergy_Wh = 5000;

async function measureRegisters(model: ModelDescriptor, seeds: readonly number[]): Promise<RegisterResult[]> {
	const results: RegisterResult[] = [];
	for (const current_A of [model.referenceCurrent_mA / 1000, model.maximumCurrent_mA / 1000]) {
		for (const [c, angle_deg, limit_percent] of [
			[1, 0, 0.5],
			[2, 180, 0.5],
			[3, 90, 2],
			[4, -90, 2],
		] as const) {
			const errors_percent: number[] = [];
			for (const seed of seeds) {
				const station = await Station.open({ model, seed, gear: "phasor" });
				station.apply({ current_A, angle_deg });
				station.run(10);
				const power = Math.abs(station.truth(c <= 2 ? "active" : "reactive"));
				const duration_s = Math.ceil((3600 * registerEnergy_Wh) / power);
				const before = await station.register(c);
				station.run(duration_s);
				const energy_Wh = (power * duration_s) / 3600;
				errors_percent.push((100 * ((await station.register(c)) - before)) / energy_Wh - 100);
			}
			results.push({ name: `1-0:${c}.8.0`, current_A, limit_percent, errors_percent });
		}
	}
	return results;
}

function errorAt(station: Station, influence: Influence, isInfluenced: boolean): number {
	const { gear, reference, load, frequency, phaseOrder } = influence;
	const { grid } = station;
	const nominal_Hz = station.nominalFrequency_Hz;
	grid.setFrequency_Hz(isInfluenced ? nominal_Hz * (frequency ?? 1) : nominal_Hz);
	grid.setPhaseOrder(isInfluenced ? (phaseOrder ?? "123") : "123");
	station.apply(isInfluenced ? load : reference);
	const { error_percent } = station.measure(
		influence.quantity ?? "active",
		gear === "phasor" ? defaultEffort : { pulses: 4, duration_s: 20 },
	);
	return error_percent;
}

async function measureInfluences(
	model: ModelDescriptor,
	seeds: readonly number[],
	scope: Scope,
): Promise<InfluenceResult[]> {
	const wanted = influences(model).filter(({ gear }) => scope === "all" || gear === "phasor");
	const results: InfluenceResult[] = [];
	for (const influence of wanted) {
		const { name, gear, limits } = influence;
		const changes_percent: number[] = [];
		for (const seed of seeds) {
			const station = await Station.open({ model, seed, gear });
			station.run(5);
			const reference = errorAt(station, influence, false);
			changes_percent.push(errorAt(station, influence, true) - reference);
		}
		results.push({ name, gear, limits, changes_percent });
	}
	return results;
}

async function measureControls(model: ModelDescriptor, seeds: readonly number[]): Promise<ControlResult[]> {
	const results: ControlResult[] = [];
	for (const { name, tries, spoil, tolerances, byRegister } of controls(model)) {
		const worst: ControlResult["worst"] = [];
		for (const seed of seeds) {
			const station = await Station.open({ model, seed, gear: "phasor", spoil, tolerances: tolerances?.(seed) });
			station.run(5);
			const found: ControlResult["worst"] = [];
			for (const { load, factor, limit_percent } of tries) {
				station.apply(load);
				const error_percent =
					byRegister === true ? await registerError(station) : station.measure("active").error_percent;
				found.push({ factor, limit_percent, error_percent });
			}
			found.sort((a, b) => Math.abs(b.error_percent) / b.limit_percent - Math.abs(a.error_percent) / a.limit_percent);
			worst.push(found[0]!);
		}
		results.push({ name, worst });
	}
	return results;
}

/** Of A+ over an hour, percent. */
async function registerError(station: Station): Promise<number> {
	const before = await station.register(1);
	station.run(3600);
	return 100 * (((await station.register(1)) - before) / station.truth("active") - 1);
}

async function measureCreep(model: ModelDescriptor, seeds: readonly number[], scope: Scope): Promise<CreepResult[]> {
	const factor = scope === "all" ? 10 : 1;
	return ofAllBoards(seeds, async (seed) => {
		const results = testStarting(await Station.open({ model, seed, gear: "phasor" }), model);
		results.push(...(await testNoLoad(await Station.open({ model, seed, gear: "phasor" }), model, factor)));
		results.push(await testStart(await Station.open({ model, seed, gear: "phasor" }), model));
		return results;
	});
}

async function measureBehaviour(model: ModelDescriptor, seeds: readonly number[]): Promise<CreepResult[]> {
	return ofAllBoards(seeds, async (seed) => {
		const station = await Station.open({ model, seed, gear: "phasor" });
		station.run(5);
		return [
			...testRepeatability(station, model),
			...(await testLedAgainstRegister(station, model)),
			await testQuadrants(station, model),
			await testDirectionChanges(station, model),
			...(await testLowVoltage(station, model)),
			await testTransients(station, model),
		];
	});
}

/** The same tests on every board: passed if all of them did, found what they found. */
async function ofAllBoards(
	seeds: readonly number[],
	test: (seed: number) => Promise<CreepResult[]>,
): Promise<CreepResult[]> {
	const boards: CreepResult[][] = [];
	for (const seed of seeds) boards.push(await test(seed));
	return boards[0]!.map((first, n) => ({
		...first,
		found: [...new Set(boards.map((board) => board[n]!.found))].join("; "),
		isPassed: boards.every((board) => board[n]!.isPassed),
	}));
}

function variantsOf(model: ModelDescriptor): readonly { name: string; model: ModelDescriptor }[] {
	return [
		{ name: "Un = 110 V", model: { ...model, nominalVoltage_V: 110 } },
		{ name: "fn = 60 Hz", model: { ...model, nominalFrequency_Hz: 60 } },
	];
}

async function identify(model: ModelDescriptor, seed: number): Promise<Campaign["firmware"]> {
	const station = await Station.open({ model, seed, gear: "phasor" });
	station.run(5);
	return station.metrologyFirmware();
}

/** Everything for one model. @param tell called with what is being done */
export async function runCampaign(
	model: ModelDescriptor,
	seeds: readonly number[],
	scope: Scope,
	tell: (what: string) => void,
): Promise<Campaign> {
	const points = scope === "all" ? allPoints(model) : quickPoints(model);
	tell(`${points.length} load points`);
	const measured = await measurePoints(model, seeds, points, "phasor");
	tell("registers");
	const registers = scope === "all" ? await measureRegisters(model, seeds) : [];
	tell("negative controls");
	const spoilt = await measureControls(model, seeds);
	tell("starting and no load");
	const creep = await measureCreep(model, seeds, scope);
	tell("repeatability, signs, transients");
	const behaviour = scope === "all" ? await measureBehaviour(model, seeds) : [];
	behaviour.push(...(scope === "all" ? compareSinglePhase(model, measured) : []));
	tell("influence quantities");
	const changed = await measureInfluences(model, seeds, scope);
	const variants = [];
	for (const { name, model: variant } of scope === "all" ? variantsOf(model) : []) {
		tell(name);
		variants.push({ name, points: await measurePoints(variant, seeds, quickPoints(variant), "phasor") });
	}
	let waveform: PointResult[] = [];
	if (scope === "all") {
		tell("waveform gear");
		waveform = await measurePoints(model, seeds, waveformPoints(model), "waveform");
	}
	let household: CreepResult[] = [];
	if (scope === "all") {
		tell("an hour of a household, sample by sample");
		household = await measureHousehold(model, seeds[0]!);
	}
	return {
		model,
		seeds,
		firmware: await identify(model, seeds[0]!),
		points: measured,
		waveform,
		registers,
		influences: changed,
		creep,
		behaviour,
		household,
		controls: spoilt,
		variants,
	};
}
