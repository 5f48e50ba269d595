// SPDX-License-Identifier: Apache-2.0
import { channel, channelCount, type PhasorState } from "../../grid/terminals.js";
import { AllPass } from "../dsp/all-pass.js";
import { FirBand } from "../dsp/fir-band.js";
import { HighPass } from "../dsp/high-pass.js";
import { Response } from "../dsp/response.js";
import type { AnalogInput } from "./analog-input.js";
import type { ChainSettings } from "./chain-settings.js";
import { bandTaps, fullScalePeak, nominalRate_Hz } from "./constants.js";

/** Points of one cycle on which clipping is worked out, and the orders it is described by. */
const clipPoints = 512;
const clipOrders = 40;

const response = new Response();

/**
 * A steady state of the mains as the chip's datapaths see it: per order and channel a complex RMS code, at the
 * converter (`adc`) and behind all gains and filters (`re`, `im`).
 */
export class PhasorTable {
	frequency_Hz = 50;
	/** Radians per sample of the fundamental. */
	omega = 0;
	count = 0;
	#capacity = 0;
	order = new Float64Array(0);
	/** Gain of the band filter by order. */
	band = new Float64Array(0);
	/** Index `channel · capacity + k`: see `at`. */
	adcRe = new Float64Array(0);
	adcIm = new Float64Array(0);
	re = new Float64Array(0);
	im = new Float64Array(0);
	/** Index of order 1, −1 without. */
	fundamental = -1;
	/** World time of the table's start as sample position, and the mains angle there in turns. */
	from = 0;
	cycles = 0;

	constructor() {
		this.#grow(8);
	}

	at(c: number, k: number): number {
		return c * this.#capacity + k;
	}

	/** Fills the table from what the terminals see. */
	build(state: PhasorState, input: AnalogInput, settings: ChainSettings, rate_Hz: number): void {
		this.frequency_Hz = state.frequency_Hz;
		this.omega = (2 * Math.PI * state.frequency_Hz) / rate_Hz;
		this.count = 0;
		this.fundamental = -1;
		this.#collect(state);
		for (let c = 0; c < channelCount; c++) this.#place(state, c, input, settings);
		for (let c = 0; c < channelCount; c++) {
			if (this.#sumOfPeaks(c, this.adcRe, this.adcIm) > fullScalePeak) this.#clip(c);
		}
		this.#respond(settings);
		if (settings.voltageConnection !== 0 || settings.isCurrentBCalculated) this.#connect(settings);
	}

	/** Mean square of a channel behind the chain. */
	meanSquare(c: number): number {
		let sum = 0;
		for (let k = 0, i = this.at(c, 0); k < this.count; k++, i++) sum += this.re[i]! ** 2 + this.im[i]! ** 2;
		return sum;
	}

	/** The same for data that did not pass the high-pass. */
	unfilteredMeanSquare(c: number, settings: ChainSettings): number {
		let sum = 0;
		const from = settings.source[c]!;
		for (let k = 0; k < this.count; k++) {
			const i = this.at(from, k);
			sum += (this.adcRe[i]! ** 2 + this.adcIm[i]! ** 2) * this.band[k]! ** 2;
		}
		return sum * settings.gain[c]! ** 2;
	}

	/** Instantaneous code of a channel `cycles` turns into the mains angle. */
	instant(c: number, cycles: number, kind: "pcf" | "lpf" | "adc"): number {
		const re = kind === "pcf" ? this.re : this.adcRe;
		const im = kind === "pcf" ? this.im : this.adcIm;
		let sum = 0;
		for (let k = 0; k < this.count; k++) {
			const i = this.at(c, k);
			const turns = this.order[k]! * cycles;
			const angle = 2 * Math.PI * (turns - Math.floor(turns));
			const value = re[i]! * Math.cos(angle) - im[i]! * Math.sin(angle);
			sum += value * peakFactor(this.order[k]!) * (kind === "lpf" ? this.band[k]! : 1);
		}
		return sum;
	}

	/** All orders are whole numbers: the waveform repeats after one cycle. */
	get isPeriodic(): boolean {
		for (let k = 0; k < this.count; k++) if (!Number.isInteger(this.order[k])) return false;
		return true;
	}

	/**
	 * Adds codes behind the chain into `into[c][from … from+count-1]`, beginning `cycles` turns into the mains angle
	 * and going on by `step` turns.
	 */
	addTo(cycles: number, step: number, into: readonly Float64Array[], from: number, count: number): void {
		for (let k = 0; k < this.count; k++) {
			const start = this.order[k]! * cycles;
			const angle = 2 * Math.PI * (start - Math.floor(start));
			const turn = 2 * Math.PI * this.order[k]! * step;
			const turnRe = Math.cos(turn);
			const turnIm = Math.sin(turn);
			for (let c = 0; c < channelCount; c++) {
				const i = this.at(c, k);
				const amplitudeRe = this.re[i]! * peakFactor(this.order[k]!);
				const amplitudeIm = this.im[i]! * peakFactor(this.order[k]!);
				if (amplitudeRe === 0 && amplitudeIm === 0) continue;
				let re = amplitudeRe * Math.cos(angle) - amplitudeIm * Math.sin(angle);
				let im = amplitudeRe * Math.sin(angle) + amplitudeIm * Math.cos(angle);
				const samples = into[c]!;
				for (let n = from; n < from + count; n++) {
					samples[n]! += re;
					const next = re * turnRe - im * turnIm;
					im = re * turnIm + im * turnRe;
					re = next;
				}
			}
		}
	}

	/** Upper bound of the waveform's peak behind the chain, code. */
	peakBound(c: number): number {
		return this.#sumOfPeaks(c, this.re, this.im);
	}

	#sumOfPeaks(c: number, re: Float64Array, im: Float64Array): number {
		let sum = 0;
		for (let k = 0, i = this.at(c, 0); k < this.count; k++, i++) {
			sum += Math.hypot(re[i]!, im[i]!) * peakFactor(this.order[k]!);
		}
		return sum;
	}

	/** All orders that occur, in the order of their appearance; orders that the rate cannot hold are left out. */
	#collect(state: PhasorState): void {
		for (let c = 0; c < channelCount; c++) {
			const components = state.channels[c] ?? [];
			for (let n = 0; n < components.length; n++) this.#indexOf(components[n]!.order, n);
		}
		this.#indexOf(0, 0);
	}

	/** Index of an order, appended when new; −1 beyond half the rate. */
	#indexOf(order: number, hint: number): number {
		if (hint < this.count && this.order[hint] === order) return hint;
		for (let k = 0; k < this.count; k++) if (this.order[k] === order) return k;
		if (order * this.omega >= Math.PI) return -1;
		if (this.count === this.#capacity) this.#grow(2 * this.#capacity);
		const k = this.count++;
		this.order[k] = order;
		this.band[k] = FirBand.gain(bandTaps, order * this.omega);
		if (order === 1) this.fundamental = k;
		for (let c = 0; c < channelCount; c++) {
			this.adcRe[this.at(c, k)] = 0;
			this.adcIm[this.at(c, k)] = 0;
		}
		return k;
	}

	#place(state: PhasorState, c: number, input: AnalogInput, settings: ChainSettings): void {
		if (settings.isEnabled[c] === 0) return;
		const direct = this.at(c, this.#indexOf(0, 0));
		const stuck = input.stuck[c]!;
		if (!Number.isNaN(stuck)) {
			this.adcRe[direct] = stuck * fullScalePeak;
			return;
		}
		const scale = input.scale[c]! * settings.pga[c]! * fullScalePeak;
		const lateness = 2 * Math.PI * this.frequency_Hz * input.delay_s[c]!;
		const components = state.channels[c] ?? [];
		for (let n = 0; n < components.length; n++) {
			const { order, rms, phase_rad } = components[n]!;
			const k = this.#indexOf(order, n);
			if (k < 0) continue;
			const i = this.at(c, k);
			if (order === 0) {
				this.adcRe[i]! += rms * scale;
				continue;
			}
			const angle = phase_rad - order * lateness;
			this.adcRe[i]! += rms * scale * Math.cos(angle);
			this.adcIm[i]! += rms * scale * Math.sin(angle);
		}
		this.adcRe[direct]! += input.offset[c]! * fullScalePeak;
	}

	/** Limits one cycle of the converter's input to full scale and describes the result by whole orders. */
	#clip(c: number): void {
		const samples = new Float64Array(clipPoints);
		let isClipped = false;
		for (let n = 0; n < clipPoints; n++) {
			const x = this.instant(c, n / clipPoints, "adc");
			samples[n] = Math.max(-fullScalePeak, Math.min(fullScalePeak, x));
			isClipped ||= samples[n] !== x;
		}
		if (!isClipped) return;
		for (let order = 0; order <= clipOrders; order++) {
			const k = this.#indexOf(order, order);
			if (k < 0) continue;
			let re = 0;
			let im = 0;
			for (let n = 0; n < clipPoints; n++) {
				const angle = (2 * Math.PI * ((order * n) % clipPoints)) / clipPoints;
				re += samples[n]! * Math.cos(angle);
				im -= samples[n]! * Math.sin(angle);
			}
			const i = this.at(c, k);
			const scale = (order === 0 ? 1 : Math.SQRT2) / clipPoints;
			this.adcRe[i] = re * scale;
			this.adcIm[i] = im * scale;
		}
	}

	/** Band, high-pass, gain and phase compensation. */
	#respond(settings: ChainSettings): void {
		const corner = HighPass.coefficient(settings.highPassCorner_Hz, nominalRate_Hz);
		for (let k = 0; k < this.count; k++) {
			const omega = this.order[k]! * this.omega;
			response.set(this.band[k]!, 0);
			if (!settings.isHighPassOff) {
				HighPass.respond(corner, omega, response);
				response.multiply(1 / HighPass.passGain(corner), 0);
			}
			const commonRe = response.re;
			const commonIm = response.im;
			for (let c = 0; c < channelCount; c++) {
				response.set(commonRe, commonIm);
				const coefficient = settings.phaseCoefficient[c]!;
				if (coefficient !== 0) AllPass.respond(coefficient, omega, response);
				const gain = settings.gain[c]!;
				const from = this.at(settings.source[c]!, k);
				const to = this.at(c, k);
				const re = this.adcRe[from]! * gain;
				const im = this.adcIm[from]! * gain;
				this.re[to] = re * response.re - im * response.im;
				this.im[to] = re * response.im + im * response.re;
			}
		}
	}

	/** VCONSEL and ICONSEL: combinations of channels. */
	#connect(settings: ChainSettings): void {
		for (const part of [this.re, this.im]) {
			for (let k = 0; k < this.count; k++) {
				const a = part[this.at(channel.u1, k)]!;
				const b = part[this.at(channel.u2, k)]!;
				const c = part[this.at(channel.u3, k)]!;
				const voltage = settings.voltageConnection;
				if (voltage !== 0) part[this.at(channel.u2, k)] = connectedVoltageB(voltage, a, b, c);
				if (voltage === 4) {
					part[this.at(channel.u1, k)] = a - b;
					part[this.at(channel.u3, k)] = c - b;
				}
				if (settings.isCurrentBCalculated) {
					part[this.at(channel.i2, k)] = -part[this.at(channel.i1, k)]! - part[this.at(channel.i3, k)]!;
				}
			}
		}
	}

	#grow(capacity: number): void {
		const widen = (old: Float64Array): Float64Array<ArrayBuffer> => {
			const wide = new Float64Array(channelCount * capacity);
			for (let c = 0; c < channelCount && this.#capacity > 0; c++) {
				wide.set(old.subarray(c * this.#capacity, (c + 1) * this.#capacity), c * capacity);
			}
			return wide;
		};
		this.adcRe = widen(this.adcRe);
		this.adcIm = widen(this.adcIm);
		this.re = widen(this.re);
		this.im = widen(this.im);
		const order = new Float64Array(capacity);
		order.set(this.order);
		this.order = order;
		const band = new Float64Array(capacity);
		band.set(this.band);
		this.band = band;
		this.#capacity = capacity;
	}
}

/** Peak of a component whose mean square is 1: levels (order 0) have no crest. */
function peakFactor(order: number): number {
	return order === 0 ? 1 : Math.SQRT2;
}

/** Datapath B for VCONSEL 1 … 4. */
export function connectedVoltageB(connection: number, a: number, b: number, c: number): number {
	switch (connection) {
		case 1:
		case 4:
			return a - c;
		case 2:
			return -a - c;
		case 3:
			return -a;
		default:
			return b;
	}
}
