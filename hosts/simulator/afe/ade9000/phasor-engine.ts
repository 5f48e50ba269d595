// SPDX-License-Identifier: Apache-2.0
import { channel, channelCount, type PhasorState } from "../../grid/terminals.js";
import { regionOf } from "./chain-settings.js";
import type { ChipParts, Engine, FixedSource } from "./chip.js";
import { fullScalePeak, nominalRate_Hz, ratioInterval, sincFullScalePeak } from "./constants.js";
import { LineMonitor } from "./line-monitor.js";
import { PeakRegisters } from "./peak-registers.js";
import { noiseCode, PhasorMeans } from "./phasor-means.js";
import { PhasorSynthesis } from "./phasor-synthesis.js";
import { address, phaseStep } from "./register-map.js";
import { bufferOrder, type ResampledBlock } from "./waveform-buffer.js";

const statusRatiosReady = 1 << 21;
/** Half cycles after which the one-cycle window is free of the past. */
const cycleWindow = 2;
const crestPoints = 256;

/**
 * The analytic gear: everything follows from the phasors of the present state. A second without changes costs about a
 * microsecond: energy in one multiplication per quantity, half cycles by arithmetic. After a change it walks half cycle by
 * half cycle until all windows hold nothing but the new state.
 */
export class PhasorEngine implements Engine {
	readonly #parts: ChipParts;
	readonly #synthesis: PhasorSynthesis;
	readonly #line = new LineMonitor();
	readonly #peaks: PeakRegisters;
	readonly #means: PhasorMeans;
	#position = 0;
	#state: PhasorState | undefined;
	#isStale = true;
	#inputRevision = -1;
	#rate_Hz = nominalRate_Hz;
	/** Half cycles since the start, with the part of the running one. */
	#half = 0;
	/** Half cycles per sample. */
	#halfRate = 1 / 80;
	/** Half cycles since the last change. */
	#steadyHalves = 0;
	#isSkipping = false;
	/** The registers of 10 or 12 cycles hold the present state: as long as half cycles are skipped they stay. */
	#isLongPublished = false;
	/** The running window of 10 or 12 cycles began before the last change. */
	#isLongWindowMixed = true;
	#hasNewCodes = true;
	#ratioLeft = ratioInterval;
	#refreshedAt = -1;

	constructor(parts: ChipParts) {
		this.#parts = parts;
		this.#synthesis = new PhasorSynthesis(parts.noise);
		this.#peaks = new PeakRegisters(parts.registers);
		this.#means = new PhasorMeans(parts);
	}

	start(position: number): void {
		this.#position = position;
		this.#half = 0;
		this.#isStale = true;
		this.#isSkipping = false;
		this.#ratioLeft = ratioInterval;
		this.#refreshedAt = -1;
		this.#parts.windows.reset();
	}

	reconfigured(): void {
		this.#isStale = true;
	}

	advance(position: number): void {
		this.#look();
		const samples = position - this.#position;
		if (samples <= 0) return;
		const { power, quality } = this.#parts;
		if (power.isLineCycleMode) this.#stepLineCycles(samples);
		else {
			this.#addPower(samples);
			this.#passHalfCycles(samples);
		}
		for (let p = 0; p < 3; p++) {
			if ((this.#line.crossing >> p) & 1) quality.heard(p);
			else quality.silent(p, samples);
		}
		quality.judgeOrder(this.#line.isOrderWrong, samples / this.#line.samplesPerCycle);
		this.#ratioLeft -= samples;
		if (this.#ratioLeft <= 0) {
			this.#ratioLeft = ratioInterval + (this.#ratioLeft % ratioInterval);
			this.#parts.results.publishRatios();
			this.#parts.registers.raise0(statusRatiosReady);
		}
		this.#position = position;
	}

	get isStill(): boolean {
		const { terminals, input, clock } = this.#parts;
		if (!this.#isSkipping || !this.#isLongPublished || this.#isStale) return false;
		if (input.revision !== this.#inputRevision || clock.rate_Hz !== this.#rate_Hz) return false;
		return terminals.phasors() === this.#state;
	}

	windowsAt(position: number): number {
		const halves = Math.floor(this.#half + (position - this.#position) * this.#halfRate) - Math.floor(this.#half);
		return this.#parts.windows.endedAfter(halves, this.#longWindow);
	}

	refresh(): void {
		this.#look();
		this.#peaks.merge((c, atLeast) => this.#crest(c, atLeast));
		if (this.#refreshedAt === this.#position) return;
		this.#refreshedAt = this.#position;
		const v = this.#parts.registers.values;
		for (let n = 0; n < channelCount; n++) {
			const c = bufferOrder[n]!;
			const noise = this.#noiseOf(c);
			const at = c === channel.neutral ? address.niPcf : pcfAddress(c);
			v[at] = Math.round(this.#synthesis.codeAt(this.#position, c, "pcf") + noise * this.#parts.settings.gain[c]!);
			const lpf = this.#synthesis.codeAt(this.#position, c, "lpf") + noise;
			v[address.lpfDat + n] = 16 * Math.round(lpf / 16);
			const sinc = this.#synthesis.codeAt(this.#position, c, "sinc") + (noise * sincFullScalePeak) / fullScalePeak;
			v[address.sincDat + n] = 16 * Math.round(sinc / 16);
		}
	}

	get samplesPerCycle(): number {
		return this.#line.samplesPerCycle;
	}

	isPositive(source: number): boolean {
		const code = (c: number) => this.#synthesis.codeAt(this.#position, c, "pcf");
		return (source < 3 ? code(source) : code(0) + code(1) - code(2)) > 0;
	}

	fillResampled(start: number, samplesPerCycle: number, into: ResampledBlock, from: number, to: number): void {
		this.#look();
		this.#synthesis.fillResampled(start, samplesPerCycle, this.#means.sigma, into, from, to);
	}

	fixedSample(position: number, c: number, source: FixedSource): number {
		const code = this.#synthesis.codeAt(position, c, source) + this.#noiseOf(c);
		return source === "pcf" ? Math.round(code) : 16 * Math.round(code / 16);
	}

	#noiseOf(c: number): number {
		return (this.#parts.noise?.next() ?? 0) * (this.#means.sigma[c]! > 0 ? noiseCode : 0);
	}

	/** Takes a new state of the terminals, of the configuration or of the inputs. */
	#look(): void {
		const { terminals, input, clock } = this.#parts;
		const state = terminals.phasors();
		const isSame = state === this.#state && !this.#isStale && input.revision === this.#inputRevision;
		if (isSame && clock.rate_Hz === this.#rate_Hz) return;
		if (this.#isSkipping) {
			this.#parts.windows.refill(this.#means.windowSquare, 1 / this.#halfRate, this.#half - Math.floor(this.#half));
			this.#isSkipping = false;
		}
		if (this.#state !== undefined) this.#peaks.merge((c, atLeast) => this.#crest(c, atLeast));
		this.#state = state;
		this.#isStale = false;
		this.#inputRevision = input.revision;
		this.#rate_Hz = clock.rate_Hz;
		this.#rebuild(state);
	}

	#rebuild(state: PhasorState): void {
		const { input, settings, registers, regions, means, results, quality } = this.#parts;
		const table = this.#synthesis.begin(this.#position, this.#rate_Hz);
		table.build(state, input, settings, this.#rate_Hz);
		if (settings.isMultipoint) {
			for (let p = 0; p < 3; p++) {
				const rms = Math.sqrt(table.meanSquare(channel.i1 + p));
				regions[p] = regionOf(registers, rms, regions[p]!);
			}
			settings.load(registers, regions);
			table.build(state, input, settings, this.#rate_Hz);
		}
		for (let p = 0; p < 3; p++) registers.values[p * phaseStep + address.mtregion] = regions[p]!;
		this.#means.update(table, this.#rate_Hz);
		results.update(means);
		results.publish();
		quality.judgeMismatch(results.sumRms, settings.isumLevel);
		this.#line.update(table, settings);
		this.#halfRate = 2 / this.#line.samplesPerCycle;
		this.#steadyHalves = 0;
		this.#isLongWindowMixed = true;
		this.#hasNewCodes = true;
		this.#refreshedAt = -1;
	}

	#addPower(samples: number): void {
		this.#parts.power.addSteady(samples, this.#parts.results.codes, this.#hasNewCodes, this.#means.addNoise);
		this.#hasNewCodes = false;
	}

	/** Half cycles decide about EGYRDY: power goes to each edge, then the edge is counted. */
	#stepLineCycles(samples: number): void {
		let done = 0;
		while (done < samples) {
			const toEdge = Math.ceil((Math.floor(this.#half) + 1 - this.#half) / this.#halfRate - 1e-9);
			const count = Math.min(samples - done, Math.max(1, toEdge));
			const before = Math.floor(this.#half);
			this.#addPower(count);
			this.#passHalfCycles(count);
			done += count;
			for (let n = before; n < Math.floor(this.#half); n++) this.#parts.power.endHalfCycle();
		}
	}

	#passHalfCycles(samples: number): void {
		const { windows, quality, results } = this.#parts;
		const before = Math.floor(this.#half);
		let left = samples;
		if (!this.#isSkipping) left = this.#walk(samples);
		if (this.#isSkipping) {
			const from = Math.floor(this.#half);
			this.#half += left * this.#halfRate;
			const passed = Math.floor(this.#half) - from;
			if (passed > 0) {
				const hasLong = windows.skip(passed, this.#longWindow);
				if (hasLong && !this.#isLongPublished) {
					this.#isLongPublished = true;
					results.publishTenCycles(this.#means.windowSquare);
				}
				quality.skipped(hasLong);
			}
		}
		if (Math.floor(this.#half) > before) quality.crossed(this.#line.crossing);
	}

	/**
	 * Goes from half cycle to half cycle until the windows hold nothing of the past.
	 *
	 * @returns samples that are left for skipping
	 */
	#walk(samples: number): number {
		const { windows, quality } = this.#parts;
		let left = samples;
		while (true) {
			const edge = Math.floor(this.#half) + 1;
			const toEdge = (edge - this.#half) / this.#halfRate;
			if (toEdge > left) {
				windows.add(this.#means.windowSquare, left);
				this.#half += left * this.#halfRate;
				return 0;
			}
			windows.add(this.#means.windowSquare, toEdge);
			this.#half = edge;
			left -= toEdge;
			this.#endHalfCycle();
			if (this.#steadyHalves <= cycleWindow || !quality.isSettled) continue;
			if (this.#isLongWindowMixed) left -= this.#leap(left);
			if (this.#isLongWindowMixed) continue;
			this.#isSkipping = true;
			this.#isLongPublished = false;
			return left;
		}
	}

	#endHalfCycle(): void {
		const { windows, results, quality, registers } = this.#parts;
		this.#steadyHalves++;
		const hasLong = windows.endHalfCycle(this.#longWindow);
		results.publishHalfCycle(windows.cycleSquare);
		if (hasLong) this.#endLongWindow();
		this.#line.publish(registers);
		quality.endHalfCycle();
	}

	#endLongWindow(): void {
		this.#parts.results.publishTenCycles(this.#parts.windows.longSquare);
		this.#parts.quality.endLongWindow();
		this.#isLongWindowMixed = false;
	}

	/**
	 * One-cycle values are steady and nothing waits for them: goes towards the end of the mixed long window at once.
	 *
	 * @returns samples used
	 */
	#leap(samples: number): number {
		const halfWeight = 1 / this.#halfRate;
		const halves = Math.min(this.#parts.windows.remaining(this.#longWindow), Math.floor(samples / halfWeight));
		if (halves === 0) return 0;
		this.#half += halves;
		if (this.#parts.windows.addHalfCycles(this.#means.windowSquare, halfWeight, halves, this.#longWindow))
			this.#endLongWindow();
		return halves * halfWeight;
	}

	/** Half cycles of the long window: 10 cycles at 50 Hz, 12 at 60 Hz. */
	get #longWindow(): number {
		return this.#parts.settings.nominalFrequency_Hz === 60 ? 24 : 20;
	}

	/** Greatest code of a channel within one cycle; skipped (0) when it cannot exceed `atLeast`. */
	#crest(c: number, atLeast: number): number {
		const table = this.#synthesis.present;
		const bound = table.peakBound(c);
		if (bound <= atLeast) return 0;
		let tones = 0;
		for (let k = 0; k < table.count; k++) if (table.re[table.at(c, k)] !== 0 || table.im[table.at(c, k)] !== 0) tones++;
		if (tones <= 1) return bound;
		let crest = 0;
		for (let n = 0; n < crestPoints; n++) crest = Math.max(crest, Math.abs(table.instant(c, n / crestPoints, "pcf")));
		return crest;
	}
}

function pcfAddress(c: number): number {
	return c < channel.i1 ? c * phaseStep + address.vPcf : (c - channel.i1) * phaseStep + address.iPcf;
}
