// SPDX-License-Identifier: Apache-2.0
import { channel, channelCount } from "../../grid/terminals.js";
import { AllPass } from "../dsp/all-pass.js";
import { HighPass } from "../dsp/high-pass.js";
import { TriangularMean } from "../dsp/running-mean.js";
import { regionOf } from "./chain-settings.js";
import type { ChipParts, Engine, FixedSource } from "./chip.js";
import { fullScalePeak, nominalRate_Hz, powerDivisor, ratioInterval, sincFullScalePeak } from "./constants.js";
import { CrossingMonitor } from "./crossing-monitor.js";
import { FundamentalExtractor, meanLength } from "./fundamental.js";
import { blockLength, InputStage } from "./input-stage.js";
import { PeakRegisters } from "./peak-registers.js";
import { connectedVoltageB } from "./phasor-table.js";
import { PowerProducts } from "./power-products.js";
import { RatioAverages } from "./ratio-averages.js";
import { address, phaseStep } from "./register-map.js";
import { bufferOrder, type ResampledBlock } from "./waveform-buffer.js";
import { WaveformHistory } from "./waveform-history.js";

const statusRatiosReady = 1 << 21;
/** Samples of the sinc output per sample of the DSP. */
const sincFactor = 4;

const sincScale = sincFullScalePeak / fullScalePeak;
const converterStep = 16;

const blocks = (count: number): readonly Float64Array[] =>
	Array.from({ length: count }, () => new Float64Array(blockLength));

/** The gear that works sample by sample, in blocks of at most 50 ms. */
export class WaveformEngine implements Engine {
	readonly #parts: ChipParts;
	#input: InputStage;
	#crossings = new CrossingMonitor();
	#fundamental = new FundamentalExtractor();
	#history = new WaveformHistory();
	#lpfHistory = new WaveformHistory();
	#sincHistory = new WaveformHistory();
	readonly #peaks: PeakRegisters;
	readonly #crest = new Float64Array(channelCount);
	readonly #highPasses: readonly HighPass[];
	readonly #allPasses: readonly AllPass[];
	#highPassGain = 1;
	#products = new PowerProducts();
	#ratios = new RatioAverages();
	/** Channels and the sum of currents. */
	#squareMeans: readonly TriangularMean[] = [];
	// Blocks of samples: DSP waveforms, squares for the windows, long mean squares, powers.
	readonly #pcf = blocks(channelCount);
	readonly #windowSquare = blocks(channelCount);
	readonly #square = blocks(channelCount + 1);
	readonly #codes = new Float64Array(18);
	readonly #windowSums = new Float64Array(channelCount);
	#position = 0;
	/** End of the running half cycle, samples with fraction. */
	#nextEdge = 80;
	#ratioLeft = ratioInterval;

	constructor(parts: ChipParts) {
		this.#parts = parts;
		this.#input = new InputStage(parts);
		this.#peaks = new PeakRegisters(parts.registers);
		this.#highPasses = Array.from({ length: channelCount }, () => new HighPass(1, nominalRate_Hz));
		this.#allPasses = Array.from({ length: channelCount }, () => new AllPass(0));
		this.start(0);
	}

	get samplesPerCycle(): number {
		return this.#crossings.samplesPerCycle;
	}

	start(position: number): void {
		const parts = this.#parts;
		this.#position = position;
		this.#input = new InputStage(parts);
		this.#crossings = new CrossingMonitor();
		this.#fundamental = new FundamentalExtractor();
		this.#history = new WaveformHistory();
		this.#lpfHistory = new WaveformHistory();
		this.#sincHistory = new WaveformHistory();
		for (const filter of [...this.#highPasses, ...this.#allPasses]) filter.reset();
		this.#products = new PowerProducts();
		this.#ratios = new RatioAverages();
		this.#squareMeans = Array.from({ length: channelCount + 1 }, () => new TriangularMean(meanLength));
		parts.windows.reset();
		this.#ratioLeft = ratioInterval;
		this.reconfigured();
		this.#nextEdge = position + nominalRate_Hz / parts.settings.nominalFrequency_Hz / 2;
	}

	reconfigured(): void {
		const { settings } = this.#parts;
		const corner = HighPass.coefficient(settings.highPassCorner_Hz, nominalRate_Hz);
		this.#highPassGain = 1 / HighPass.passGain(corner);
		for (let c = 0; c < channelCount; c++) {
			this.#highPasses[c]!.setCorner(settings.highPassCorner_Hz, nominalRate_Hz);
			this.#allPasses[c]!.setCoefficient(settings.phaseCoefficient[c]!);
		}
	}

	advance(position: number): void {
		while (this.#position < position) {
			this.#takeBlock(Math.min(blockLength, position - this.#position, this.#ratioLeft));
		}
	}

	get isStill(): boolean {
		return false;
	}

	/** Of the present alone: samples to come are not known. */
	windowsAt(): number {
		return this.#parts.windows.ended;
	}

	refresh(): void {
		const v = this.#parts.registers.values;
		for (let n = 0; n < channelCount; n++) {
			const c = bufferOrder[n]!;
			const at = c < channel.i1 ? address.vPcf + c * phaseStep : address.iPcf + (c - channel.i1) * phaseStep;
			v[c === channel.neutral ? address.niPcf : at] = this.#history.at(this.#position, c);
			v[address.lpfDat + n] = this.fixedSample(this.#position, c, "lpf");
			v[address.sincDat + n] = converterStep * Math.round((this.#input.last[c]! * sincScale) / converterStep);
		}
	}

	isPositive(source: number): boolean {
		return this.#crossings.isPositive(source);
	}

	fillResampled(start: number, samplesPerCycle: number, into: ResampledBlock): void {
		this.#history.fillResampled(start, samplesPerCycle, into);
	}

	fixedSample(position: number, c: number, source: FixedSource): number {
		if (source === "pcf") return this.#history.at(position, c);
		if (source === "lpf") return converterStep * Math.round(this.#lpfHistory.at(position, c) / converterStep);
		return this.#sincHistory.at(Math.round(position * sincFactor), c);
	}

	#takeBlock(count: number): void {
		const { registers, settings, buffer } = this.#parts;
		const first = this.#position + 1;
		this.#input.take(this.#position, count);
		if (buffer.isCapturing("sinc")) {
			this.#input.takeSinc(this.#position, count);
			this.#sincHistory.put(this.#input.sinc, sincFactor * this.#position + 1, sincFactor * count);
		}
		this.#lpfHistory.put(this.#input.lpf, first, count);
		for (let c = 0; c < channelCount; c++) this.#condition(c, count);
		if (settings.voltageConnection !== 0 || settings.isCurrentBCalculated) this.#connect(count);
		this.#history.put(this.#pcf, first, count);
		this.#takeSquares(count);
		this.#products.process(this.#pcf, count, settings);
		this.#crossings.process(this.#pcf, first, count, settings, this.#parts.quality);
		this.#fundamental.process(this.#pcf, count, this.#crossings.samplesPerCycle);
		this.#accumulate(count);
		this.#position += count;
		this.#crossings.publish(registers, settings);
		this.#publish(count);
		buffer.advance(this.#position);
	}

	/** High-pass, gain and phase compensation of one datapath. */
	#condition(c: number, count: number): void {
		const { settings } = this.#parts;
		const pcf = this.#pcf[c]!;
		const source = this.#input.lpf[settings.source[c]!]!;
		const gain = settings.gain[c]!;
		for (let n = 0; n < count; n++) pcf[n] = source[n]! * gain;
		const window = this.#windowSquare[c]!;
		if (settings.areWindowsUnfiltered) for (let n = 0; n < count; n++) window[n] = pcf[n]! * pcf[n]!;
		if (!settings.isHighPassOff) {
			this.#highPasses[c]!.process(pcf, count);
			for (let n = 0; n < count; n++) pcf[n]! *= this.#highPassGain;
		}
		this.#allPasses[c]!.process(pcf, count); // coefficient 0 is the one sample of delay of the voltages
		if (!settings.areWindowsUnfiltered) for (let n = 0; n < count; n++) window[n] = pcf[n]! * pcf[n]!;
	}

	/** VCONSEL and ICONSEL. */
	#connect(count: number): void {
		const { settings } = this.#parts;
		const [va, vb, vc, ia, ib, ic] = this.#pcf as unknown as Float64Array[];
		const connection = settings.voltageConnection;
		for (let n = 0; n < count; n++) {
			const a = va![n]!;
			const b = vb![n]!;
			const c = vc![n]!;
			if (connection !== 0) vb![n] = connectedVoltageB(connection, a, b, c);
			if (connection === 4) {
				va![n] = a - b;
				vc![n] = c - b;
			}
			if (settings.isCurrentBCalculated) ib![n] = -ia![n]! - ic![n]!;
		}
		for (const c of [0, 1, 2, 4]) {
			const pcf = this.#pcf[c]!;
			const window = this.#windowSquare[c]!;
			if (!settings.areWindowsUnfiltered) for (let n = 0; n < count; n++) window[n] = pcf[n]! * pcf[n]!;
		}
	}

	#takeSquares(count: number): void {
		for (let c = 0; c < channelCount; c++) {
			const pcf = this.#pcf[c]!;
			const square = this.#square[c]!;
			let crest = 0;
			for (let n = 0; n < count; n++) {
				const x = pcf[n]!;
				square[n] = x * x;
				const size = x < 0 ? -x : x;
				if (size > crest) crest = size;
			}
			this.#crest[c] = crest;
			this.#squareMeans[c]!.process(square, count);
		}
		this.#peaks.merge((c) => this.#crest[c]!);
		const neutral = this.#parts.settings.isumNeutral;
		const [, , , ia, ib, ic, n0] = this.#pcf;
		const sum = this.#square[channelCount]!;
		for (let n = 0; n < count; n++) sum[n] = (ia![n]! + ib![n]! + ic![n]! + neutral * n0![n]!) ** 2;
		this.#squareMeans[channelCount]!.process(sum, count);
	}

	/** Adds the block to accumulators and windows, half cycle by half cycle. */
	#accumulate(count: number): void {
		this.#ratios.add(this.#square, this.#fundamental, count);
		let from = 0;
		while (from < count) {
			const edge = Math.round(this.#nextEdge) - this.#position;
			const to = Math.min(count, Math.max(from + 1, edge));
			for (let n = from; n < to; n++) {
				this.#fillCodes(n);
				this.#ratios.addCodes(this.#codes);
				this.#parts.power.addSample(this.#codes);
			}
			for (let c = 0; c < channelCount; c++) {
				const square = this.#windowSquare[c]!;
				let sum = 0;
				for (let n = from; n < to; n++) sum += square[n]!;
				this.#windowSums[c] = sum;
			}
			this.#parts.windows.addSums(this.#windowSums, to - from);
			if (to >= edge) this.#endHalfCycle();
			from = to;
		}
	}

	/** Power codes of sample `n` of the block, as the registers hold them. */
	#fillCodes(n: number): void {
		const { settings, results } = this.#parts;
		const codes = this.#codes;
		const { powerGain, powerOffset, squareOffset, fundamentalSquareOffset } = settings;
		const { re, im } = this.#fundamental;
		for (let p = 0; p < 3; p++) {
			const u = channel.u1 + p;
			const i = channel.i1 + p;
			const k = 6 * p;
			const gain = powerGain[p]! / powerDivisor;
			codes[k] = Math.round(this.#products.active[p]![n]! * gain + powerOffset[k]!);
			codes[k + 1] = settings.isReactiveOff
				? 0
				: Math.round(this.#products.reactive[p]![n]! * gain + powerOffset[k + 1]!);
			const vrms = root(this.#square[u]![n]! + squareOffset[u]!);
			const irms = root(this.#square[i]![n]! + squareOffset[i]!);
			codes[k + 2] = Math.round(results.apparent(p, vrms, irms));
			const vRe = re[u]![n]!;
			const vIm = im[u]![n]!;
			const iRe = re[i]![n]!;
			const iIm = im[i]![n]!;
			codes[k + 3] = Math.round((vRe * iRe + vIm * iIm) * gain + powerOffset[k + 3]!);
			codes[k + 4] = Math.round((vIm * iRe - vRe * iIm) * gain + powerOffset[k + 4]!);
			const vFundamental = root(vRe * vRe + vIm * vIm + fundamentalSquareOffset[u]!);
			const iFundamental = root(iRe * iRe + iIm * iIm + fundamentalSquareOffset[i]!);
			codes[k + 5] = Math.round(vFundamental * iFundamental * gain);
		}
	}

	#endHalfCycle(): void {
		const { windows, results, quality, power, settings } = this.#parts;
		this.#nextEdge += this.#crossings.samplesPerCycle / 2;
		const hasLong = windows.endHalfCycle(settings.nominalFrequency_Hz === 60 ? 24 : 20);
		results.publishHalfCycle(windows.cycleSquare);
		if (hasLong) {
			results.publishTenCycles(windows.longSquare);
			quality.endLongWindow();
		}
		quality.endHalfCycle();
		quality.judgeMismatch(results.sumRms, settings.isumLevel);
		if (power.isLineCycleMode) power.endHalfCycle();
	}

	/** Results as of the last sample of the block. */
	#publish(count: number): void {
		const { means, results, registers, settings, regions } = this.#parts;
		const last = count - 1;
		for (let c = 0; c < channelCount; c++) means.square[c] = this.#square[c]![last]!;
		means.sumSquare = this.#square[channelCount]![last]!;
		const { re, im } = this.#fundamental;
		for (let c = 0; c < 6; c++) means.fundamentalSquare[c] = re[c]![last]! ** 2 + im[c]![last]! ** 2;
		for (let p = 0; p < 3; p++) {
			const u = channel.u1 + p;
			const i = channel.i1 + p;
			means.product[4 * p] = this.#products.active[p]![last]!;
			means.product[4 * p + 1] = this.#products.reactive[p]![last]!;
			means.product[4 * p + 2] = re[u]![last]! * re[i]![last]! + im[u]![last]! * im[i]![last]!;
			means.product[4 * p + 3] = im[u]![last]! * re[i]![last]! - re[u]![last]! * im[i]![last]!;
		}
		results.update(means);
		results.publish();
		this.#ratioLeft -= count;
		if (this.#ratioLeft === 0) {
			this.#ratioLeft = ratioInterval;
			this.#ratios.publish(results, ratioInterval);
			registers.raise0(statusRatiosReady);
		}
		if (settings.isMultipoint) this.#chooseRegions();
		for (let p = 0; p < 3; p++) registers.values[p * phaseStep + address.mtregion] = regions[p]!;
	}

	#chooseRegions(): void {
		const { registers, results, settings, regions } = this.#parts;
		let hasChanged = false;
		for (let p = 0; p < 3; p++) {
			const region = regionOf(registers, results.rms[channel.i1 + p]!, regions[p]!);
			hasChanged ||= region !== regions[p];
			regions[p] = region;
		}
		if (!hasChanged) return;
		settings.load(registers, regions);
		this.reconfigured();
	}
}

function root(square: number): number {
	return square > 0 ? Math.sqrt(square) : 0;
}
