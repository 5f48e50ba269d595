// SPDX-License-Identifier: Apache-2.0
import type { Component, PhasorState } from "../../grid/terminals.js";
import { FirBand } from "../dsp/fir-band.js";
import { HighPass } from "../dsp/high-pass.js";
import type { Hilbert } from "../dsp/hilbert.js";
import { Response } from "../dsp/response.js";
import { bandTaps, createHilbert, highPassCorner_Hz, highPassScale } from "./band.js";
import { clipComponents } from "./clipping.js";
import { crossingOf } from "./crossing.js";
import {
	counterRate_Hz,
	type InputPath,
	inputA,
	inputB,
	inputV,
	nominalRate_Hz,
	type PowerPath,
	powerPerProduct,
	powerPerRmsProduct,
	rmsPerWaveform,
	type Settings,
} from "./settings.js";

/** One order of a waveform in codes: `√2 · Re((re + j·im) · exp(j·order·θ))`. */
export interface Tone {
	readonly order: number;
	readonly re: number;
	readonly im: number;
}

/** What an input gives while nothing changes. */
export class SteadyInput {
	readonly tones: readonly Tone[];
	readonly direct: number;
	/** Noise, rms codes. */
	readonly noise: number;
	/** Noise included, squared waveform codes. */
	readonly meanSquare: number;
	/** No instantaneous code is greater. */
	readonly crestBound: number;
	readonly hasCrossings: boolean;
	/** Mains angle that is to be added to θ for the fundamental behind the zero-crossing filter, turns. */
	readonly crossing_cycles: number;
	#crest = -1;

	constructor(tones: readonly Tone[], direct: number, noise: number, crossing_cycles: number | undefined) {
		this.tones = tones;
		this.direct = direct;
		this.noise = noise;
		this.hasCrossings = crossing_cycles !== undefined;
		this.crossing_cycles = crossing_cycles ?? 0;
		let meanSquare = noise * noise + direct * direct;
		let bound = Math.abs(direct);
		for (const { re, im } of tones) {
			meanSquare += re * re + im * im;
			bound += Math.SQRT2 * Math.hypot(re, im);
		}
		this.meanSquare = meanSquare;
		this.crestBound = bound;
	}

	/** Greatest instantaneous code of a cycle. */
	get crest(): number {
		if (this.#crest < 0) this.#crest = this.tones.length < 2 ? this.crestBound : crestOf(this.tones, this.direct);
		return this.#crest;
	}
}

/** What a current channel measures while nothing changes, codes. */
export interface SteadyPower {
	readonly watt: number;
	readonly var: number;
	/** Product of the RMS values, before windows: what apparent energy collects. */
	readonly va: number;
	/** Deviation of the mean power over time t: noise / √(2 · B · t). */
	readonly noise: number;
	/** ANGLE_x; undefined without crossings on both inputs. */
	readonly angle: number | undefined;
}

export interface SteadyState {
	readonly frequency_Hz: number;
	/** PERIOD; undefined without crossings. */
	readonly period: number | undefined;
	readonly inputs: readonly [SteadyInput, SteadyInput, SteadyInput];
	readonly powers: readonly [SteadyPower, SteadyPower];
}

const silentInput = new SteadyInput([], 0, 0, undefined);
const silentPower: SteadyPower = Object.freeze({ watt: 0, var: 0, va: 0, noise: 0, angle: undefined });

/** The state of filters that were just cleared. */
export const silence: SteadyState = {
	frequency_Hz: 50,
	period: undefined,
	inputs: [silentInput, silentInput, silentInput],
	powers: [silentPower, silentPower],
};

const hilbert: Hilbert = createHilbert();
const response = new Response();

/** What the registers settle to for constant phasors: the closed form of the sample-by-sample processing. */
export function solveSteadyState(state: PhasorState, settings: Settings): SteadyState {
	const { frequency_Hz } = state;
	const inputs: [SteadyInput, SteadyInput, SteadyInput] = [
		solveInput(state, settings, inputV),
		solveInput(state, settings, inputA),
		solveInput(state, settings, inputB),
	];
	const period = Math.round((counterRate_Hz * settings.crystalFactor) / frequency_Hz) - 1;
	return {
		frequency_Hz,
		period: inputs[inputV].hasCrossings ? Math.min(0xffff, period) : undefined,
		inputs,
		powers: [
			solvePower(frequency_Hz, settings, inputs[inputV], inputs[inputA], inputA),
			solvePower(frequency_Hz, settings, inputs[inputV], inputs[inputB], inputB),
		],
	};
}

function solveInput(state: PhasorState, settings: Settings, n: 0 | 1 | 2): SteadyInput {
	const path = settings.inputs[n];
	const raw = collect(path.stuckAt === undefined ? (state.channels[path.terminal] ?? []) : [], path);
	const components = clipComponents(raw, path.clip, state.frequency_Hz / settings.rate_Hz);
	const tones: Tone[] = [];
	let direct = 0;
	for (const component of components) {
		if (component.order === 0) {
			if (!settings.isHighPassOn) direct += component.re * path.gain;
			continue;
		}
		const omega = (2 * Math.PI * component.order * state.frequency_Hz) / settings.rate_Hz;
		if (omega >= Math.PI) continue;
		setPathResponse(path, settings, omega);
		response.multiply(component.re, component.im);
		tones.push({ order: component.order, re: response.re, im: response.im });
	}
	return new SteadyInput(
		tones,
		direct,
		path.noise * path.gain,
		crossingOf(tones, state.frequency_Hz / settings.rate_Hz),
	);
}

/** Terminal values in converter codes, one entry per order, order 0 with the offset of the input. */
function collect(components: readonly Component[], path: InputPath): Tone[] {
	const tones: Tone[] = [];
	const direct = path.stuckAt ?? path.offset;
	if (direct !== 0) tones.push({ order: 0, re: direct, im: 0 });
	for (const { order, rms, phase_rad } of components) {
		if (rms === 0) continue;
		const re = path.scale * rms * (order === 0 ? 1 : Math.cos(phase_rad));
		const im = order === 0 ? 0 : path.scale * rms * Math.sin(phase_rad);
		const at = tones.findIndex((tone) => tone.order === order);
		if (at < 0) tones.push({ order, re, im });
		else tones[at] = { order, re: tones[at]!.re + re, im: tones[at]!.im + im };
	}
	return tones;
}

function setPathResponse(path: InputPath, settings: Settings, omega: number): void {
	const shift = -omega * path.delay_samples;
	const gain = FirBand.gain(bandTaps, omega) * path.gain;
	response.set(gain * Math.cos(shift), gain * Math.sin(shift));
	if (settings.isHighPassOn) {
		response.multiply(highPassScale, 0);
		HighPass.respond(HighPass.coefficient(highPassCorner_Hz, nominalRate_Hz), omega, response);
	}
}

const crestPoints = 128;
const crestWave = new Float64Array(crestPoints);

function crestOf(tones: readonly Tone[], direct: number): number {
	crestWave.fill(direct);
	for (const { order, re, im } of tones) {
		const stepC = Math.cos((2 * Math.PI * order) / crestPoints);
		const stepS = Math.sin((2 * Math.PI * order) / crestPoints);
		let x = Math.SQRT2 * re;
		let y = Math.SQRT2 * im;
		for (let n = 0; n < crestPoints; n++) {
			crestWave[n]! += x;
			const next = x * stepC - y * stepS;
			y = y * stepC + x * stepS;
			x = next;
		}
	}
	let crest = 0;
	for (let n = 0; n < crestPoints; n++) crest = Math.max(crest, Math.abs(crestWave[n]!));
	return crest;
}

/** Instantaneous code at mains angle `cycles` (turns). */
export function instantaneousCode(tones: readonly Tone[], direct: number, cycles: number): number {
	let sum = 0;
	for (let n = 0; n < tones.length; n++) {
		const { order, re, im } = tones[n]!;
		const turns = order * cycles;
		const angle = 2 * Math.PI * (turns - Math.floor(turns));
		sum += re * Math.cos(angle) - im * Math.sin(angle);
	}
	return direct + Math.SQRT2 * sum;
}

function solvePower(frequency_Hz: number, settings: Settings, v: SteadyInput, i: SteadyInput, n: 1 | 2): SteadyPower {
	const path: PowerPath = settings.powers[n - 1]!;
	let active = v.direct * i.direct;
	let reactive = 0;
	for (const b of i.tones) {
		const a = v.tones.find((tone) => tone.order === b.order);
		if (a === undefined) continue;
		const omega = (2 * Math.PI * b.order * frequency_Hz) / settings.rate_Hz;
		active += a.re * b.re + a.im * b.im;
		reactive += hilbert.gain(omega) * (a.im * b.re - a.re * b.im);
	}
	const scale = powerPerProduct * path.voltageGainRatio;
	const vRms = rmsCode(v.meanSquare, settings.rmsOffset[inputV]);
	const iRms = rmsCode(i.meanSquare, settings.rmsOffset[n]);
	const turns = v.crossing_cycles - i.crossing_cycles;
	const lag_cycles = turns - Math.ceil(turns - 0.5); // −½ < lag ≤ ½
	const angle = Math.round((lag_cycles * counterRate_Hz * settings.crystalFactor) / frequency_Hz);
	return {
		watt: active * scale * path.wattGain + path.wattOffset,
		var: reactive * scale * path.varGain + path.varOffset,
		va: apparentCode(vRms, iRms, path),
		noise: scale * path.wattGain * Math.sqrt(v.meanSquare * i.noise ** 2 + i.meanSquare * v.noise ** 2),
		angle: v.hasCrossings && i.hasCrossings ? angle : undefined,
	};
}

/** RMS code, not rounded: `√(RMS0² + offset)`. */
export function rmsCode(meanSquare: number, offset: number): number {
	return Math.sqrt(Math.max(0, meanSquare * rmsPerWaveform ** 2 + offset));
}

export function apparentCode(vRms: number, iRms: number, path: PowerPath): number {
	return vRms * iRms * powerPerRmsProduct * path.voltageGainRatio * path.vaGain + path.vaOffset;
}
