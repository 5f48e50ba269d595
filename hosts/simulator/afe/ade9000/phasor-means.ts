// SPDX-License-Identifier: Apache-2.0
import { channel, channelCount } from "../../grid/terminals.js";
import { Hilbert } from "../dsp/hilbert.js";
import type { ChipParts } from "./chip.js";
import {
	fullScaleRms,
	hilbertBeta,
	hilbertLength,
	noiseBand_Hz,
	noiseRatio,
	nominalRate_Hz,
	powerDivisor,
} from "./constants.js";
import { isPeriodUsable } from "./line-monitor.js";
import type { PhasorTable } from "./phasor-table.js";
import type { SumNoise } from "./power-accumulation.js";

/** Noise of a channel in front of its gain, code rms. */
export const noiseCode = fullScaleRms * noiseRatio;

/** Phasor gear: mean squares, products and noise of a steady state. */
export class PhasorMeans {
	/** Mean squares that go into the windows of RMSONE and RMS1012. */
	readonly windowSquare = new Float64Array(channelCount);
	/** Noise of each channel behind its gain, code rms. */
	readonly sigma = new Float64Array(channelCount);
	/** Draws the noise of power sums; undefined without noise. */
	readonly addNoise: SumNoise | undefined;
	readonly #parts: ChipParts;
	/** Noise of power for one sample, by phase. */
	readonly #powerSigma = new Float64Array(3);
	readonly #hilberts = new Map<number, Hilbert>();
	/** Pairs of radians per sample and gain by table entry. */
	readonly #hilbertGains = new Float64Array(128).fill(Number.NaN);
	#hilbertOfGains: Hilbert | undefined;

	constructor(parts: ChipParts) {
		this.#parts = parts;
		const { noise } = parts;
		if (noise === undefined) return;
		this.addNoise = (samples, sums, gated) => {
			const scale = Math.sqrt(samples);
			for (let p = 0; p < 3; p++) {
				const sigma = this.#powerSigma[p]! * scale;
				addWhereLoaded(sums, gated, 6 * p, sigma, noise);
				addWhereLoaded(sums, gated, 6 * p + 1, sigma, noise);
			}
		};
	}

	/** Takes a new state; `rate_Hz` is the true sample rate. */
	update(table: PhasorTable, rate_Hz: number): void {
		const { settings, means, noise } = this.#parts;
		for (let c = 0; c < channelCount; c++) {
			const isNoisy = noise !== undefined && settings.isEnabled[settings.source[c]!] !== 0;
			this.sigma[c] = isNoisy ? noiseCode * Math.abs(settings.gain[c]!) : 0;
			const variance = this.sigma[c]! ** 2;
			means.square[c] = table.meanSquare(c) + variance;
			const unfiltered = settings.areWindowsUnfiltered;
			this.windowSquare[c] = unfiltered ? table.unfilteredMeanSquare(c, settings) + variance : means.square[c]!;
		}
		// What turns at another speed than the chip looks for is none to it.
		const fundamental = isPeriodUsable((2 * Math.PI) / table.omega) ? table.fundamental : -1;
		for (let c = 0; c < 6; c++) {
			const i = table.at(c, Math.max(0, fundamental));
			means.fundamentalSquare[c] = fundamental < 0 ? 0 : table.re[i]! ** 2 + table.im[i]! ** 2;
		}
		means.sumSquare = this.#sumSquare(table);
		const hilbert = this.#hilbert(settings.nominalFrequency_Hz);
		means.product.fill(0);
		for (let k = 0; k < table.count; k++) {
			const gain = this.#hilbertGain(hilbert, k, table.order[k]! * table.omega);
			for (let p = 0; p < 3; p++) {
				const u = table.at(channel.u1 + p, k);
				const i = table.at(channel.i1 + p, k);
				const active = table.re[u]! * table.re[i]! + table.im[u]! * table.im[i]!;
				const reactive = table.im[u]! * table.re[i]! - table.re[u]! * table.im[i]!;
				means.product[4 * p]! += active;
				means.product[4 * p + 1]! += reactive * gain;
				if (k !== fundamental) continue;
				means.product[4 * p + 2] = active;
				means.product[4 * p + 3] = reactive;
			}
		}
		// The noise of one sample; a sum of n samples has √n times as much.
		const perSample = Math.sqrt(rate_Hz / (2 * noiseBand_Hz));
		for (let p = 0; p < 3; p++) {
			const u = channel.u1 + p;
			const i = channel.i1 + p;
			const square = means.square[u]! * this.sigma[i]! ** 2 + means.square[i]! * this.sigma[u]! ** 2;
			this.#powerSigma[p] = (Math.sqrt(square) * perSample * settings.powerGain[p]!) / powerDivisor;
		}
	}

	#sumSquare(table: PhasorTable): number {
		const neutral = this.#parts.settings.isumNeutral;
		let sum = 0;
		for (let k = 0; k < table.count; k++) {
			for (const part of [table.re, table.im]) {
				const phases = part[table.at(3, k)]! + part[table.at(4, k)]! + part[table.at(5, k)]!;
				sum += (phases + neutral * part[table.at(6, k)]!) ** 2;
			}
		}
		for (let c = channel.i1; c < channel.neutral; c++) sum += this.sigma[c]! ** 2;
		return sum + (neutral * this.sigma[channel.neutral]!) ** 2;
	}

	/** The gain at an entry's frequency, kept because most changes leave the frequencies alone. */
	#hilbertGain(hilbert: Hilbert, k: number, omega: number): number {
		const kept = this.#hilbertGains;
		if (2 * k >= kept.length) return hilbert.gain(omega);
		if (kept[2 * k] !== omega || hilbert !== this.#hilbertOfGains) {
			if (hilbert !== this.#hilbertOfGains) kept.fill(Number.NaN);
			this.#hilbertOfGains = hilbert;
			kept[2 * k] = omega;
			kept[2 * k + 1] = hilbert.gain(omega);
		}
		return kept[2 * k + 1]!;
	}

	#hilbert(nominal_Hz: number): Hilbert {
		let filter = this.#hilberts.get(nominal_Hz);
		if (filter === undefined) {
			filter = new Hilbert(hilbertLength, hilbertBeta, (2 * Math.PI * nominal_Hz) / nominalRate_Hz);
			this.#hilberts.set(nominal_Hz, filter);
		}
		return filter;
	}
}

/** The same noise for a total quantity and its fundamental, none in no-load. */
function addWhereLoaded(
	sums: Float64Array,
	gated: Float64Array,
	k: number,
	sigma: number,
	noise: { next(): number },
): void {
	if (gated[k] === 0 && gated[k + 3] === 0) return;
	const value = sigma * noise.next();
	if (gated[k] !== 0) sums[k]! += value;
	if (gated[k + 3] !== 0) sums[k + 3]! += value;
}
