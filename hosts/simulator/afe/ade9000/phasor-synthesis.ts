// SPDX-License-Identifier: Apache-2.0
import { channelCount } from "../../grid/terminals.js";
import type { Gaussian } from "../dsp/gaussian.js";
import type { FixedSource } from "./chip.js";
import { fullScalePeak, sincFullScalePeak } from "./constants.js";
import { PhasorTable } from "./phasor-table.js";
import { bufferOrder, type ResampledBlock, resampledPoints, resampledSets } from "./waveform-buffer.js";

/** Past states that samples can still be made of. */
const statesKept = 8;
/** Normal deviates that resampled blocks draw their noise from: an odd number, so that blocks do not repeat soon. */
const noiseTableLength = 8191;
/** A resampled point is the DSP code divided by this. */
const resampledDivisor = 4096;
/** Points are added up in 1/4096 of their code, like the deviates of the noise. */
const pointShift = 12;
const pointUnity = 1 << pointShift;
const pointHalf = pointUnity / 2;
/** Beyond twice the rails a point is at the rail whatever the noise. */
const pointLimit = 65_536 * pointUnity;
/** Greatest noise: the product with a deviate of eight sigma stays an integer of 32 bits. */
const noiseLimit = 65_535;
/** Two frequencies this close give the same cycle: a millionth of a cycle over the block. */
const sameCycle = 1e-6;

/** The last steady states, and the samples that they would have given. */
export class PhasorSynthesis {
	readonly #tables: PhasorTable[] = Array.from({ length: statesKept }, () => new PhasorTable());
	#at = 0;
	#rate_Hz = 8000;
	readonly #noise: Gaussian | undefined;
	/** Made when the first block is read: many meters never are asked for one. */
	#noiseTable: Int16Array | undefined;
	#noiseAt = 0;
	#block: readonly Float64Array[] = [];
	/** The same in 1/4096 of a point, in the order of the buffer. */
	#points: readonly Int32Array[] = [];
	/** One cycle of the present table, 128 points, is in `#points`. */
	#cycleOf: PhasorTable | undefined;

	constructor(noise: Gaussian | undefined) {
		this.#noise = noise;
	}

	get present(): PhasorTable {
		return this.#tables[this.#at]!;
	}

	/** The table that shall hold from sample `position` on; its mains angle continues that of the present one. */
	begin(position: number, rate_Hz: number): PhasorTable {
		const before = this.present;
		const cycles = this.#cyclesAt(before, position);
		if (before.from !== position) this.#at = (this.#at + 1) % statesKept;
		this.#rate_Hz = rate_Hz;
		const table = this.present;
		table.from = position;
		table.cycles = cycles - Math.floor(cycles / 1000) * 1000;
		if (this.#cycleOf === table) this.#cycleOf = undefined;
		return table;
	}

	/** Code of a channel at a sample, noise not included. */
	codeAt(position: number, c: number, source: FixedSource): number {
		const table = this.#tableAt(position);
		const cycles = this.#cyclesAt(table, position);
		if (source === "pcf") return table.instant(c, cycles, "pcf");
		if (source === "lpf") return table.instant(c, cycles, "lpf");
		return (table.instant(c, cycles, "adc") * sincFullScalePeak) / fullScalePeak;
	}

	/** Four cycles of 128 points, the words `from` … `to-1` of each set; `sigma` is the noise of each channel's code. */
	fillResampled(
		start: number,
		samplesPerCycle: number,
		sigma: Float64Array,
		into: ResampledBlock,
		from: number,
		to: number,
	): void {
		this.#prepare();
		const table = this.present;
		const step = samplesPerCycle / resampledPoints;
		const trueSamples = this.#rate_Hz / table.frequency_Hz;
		const repeats = Math.abs(samplesPerCycle / trueSamples - 1) < sameCycle && table.from <= start && table.isPeriodic;
		if (!repeats) {
			this.#fillPiecewise(start, step);
			this.#scale(resampledSets);
		} else if (this.#cycleOf !== table) {
			this.#clear();
			table.addTo(0, 1 / resampledPoints, this.#block, 0, resampledPoints);
			this.#scale(resampledPoints);
			this.#cycleOf = table;
		}
		const mask = repeats ? resampledPoints - 1 : resampledSets - 1;
		this.#noiseAt = this.#noise === undefined ? 0 : Math.floor((this.#noise.next() + 8) * 4096);
		for (let w = from; w < to; w++) this.#quantise(w, mask, sigma[bufferOrder[w]!]!, into);
	}

	/** Block after block differs in its noise alone while the mains stand still, so this is done in integers. */
	#quantise(w: number, mask: number, sigma: number, block: ResampledBlock): void {
		const points = this.#points[w]!;
		const noise = this.#noiseTable!;
		const scale = Math.min(noiseLimit, Math.round((sigma * pointUnity) / resampledDivisor));
		let at = (((this.#noiseAt + 1171 * w) % noiseTableLength) + noiseTableLength) % noiseTableLength;
		const into = block.octetsOf(w);
		const stride = block.strideOf(w);
		for (let n = 0, to = block.placeOf(0, w); n < resampledSets; n++, to += stride) {
			const deviation = Math.imul(noise[at]!, scale) >> pointShift;
			const value = (points[n & mask]! + deviation + pointHalf) >> pointShift;
			const code = Math.max(-32_768, Math.min(32_767, value));
			into[to] = code >> 8;
			into[to + 1] = code;
			if (++at === noiseTableLength) at = 0;
		}
	}

	#prepare(): void {
		if (this.#noiseTable !== undefined) return;
		this.#block = Array.from({ length: channelCount }, () => new Float64Array(resampledSets));
		this.#points = Array.from({ length: channelCount }, () => new Int32Array(resampledSets));
		this.#noiseTable = new Int16Array(noiseTableLength);
		if (this.#noise === undefined) return;
		for (let n = 0; n < noiseTableLength; n++) {
			const deviate = Math.round(this.#noise.next() * pointUnity);
			this.#noiseTable[n] = Math.max(-32_768, Math.min(32_767, deviate));
		}
	}

	/** Brings the first `count` codes of each channel to points. */
	#scale(count: number): void {
		const factor = pointUnity / resampledDivisor;
		for (let w = 0; w < channelCount; w++) {
			const samples = this.#block[bufferOrder[w]!]!;
			const points = this.#points[w]!;
			for (let n = 0; n < count; n++) {
				const point = Math.round(samples[n]! * factor);
				points[n] = Math.max(-pointLimit, Math.min(pointLimit, point));
			}
		}
	}

	#fillPiecewise(start: number, step: number): void {
		this.#clear();
		this.#cycleOf = undefined;
		for (let n = 0; n < resampledSets; ) {
			const position = start + n * step;
			const table = this.#tableAt(position);
			const end = this.#endOf(table);
			const count = Math.max(1, Math.min(resampledSets - n, Math.ceil((end - position) / step)));
			const turn = (table.frequency_Hz / this.#rate_Hz) * step;
			table.addTo(this.#cyclesAt(table, position), turn, this.#block, n, count);
			n += count;
		}
	}

	#clear(): void {
		for (const samples of this.#block) samples.fill(0);
	}

	#cyclesAt(table: PhasorTable, position: number): number {
		return table.cycles + ((position - table.from) * table.frequency_Hz) / this.#rate_Hz;
	}

	/** The state that held at `position`; the oldest one kept stands for all before it. */
	#tableAt(position: number): PhasorTable {
		let table = this.present;
		for (let back = 1; back < statesKept && table.from > position; back++) {
			const older = this.#tables[(this.#at - back + statesKept) % statesKept]!;
			if (older.count === 0) break;
			table = older;
		}
		return table;
	}

	#endOf(table: PhasorTable): number {
		const at = this.#tables.indexOf(table);
		return at === this.#at ? Number.POSITIVE_INFINITY : this.#tables[(at + 1) % statesKept]!.from;
	}
}
