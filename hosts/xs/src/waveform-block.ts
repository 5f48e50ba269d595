// SPDX-License-Identifier: Apache-2.0
import type { HarmonicsView } from "../../../src/metrology/harmonics-view.js";
import { type BlockSource, captureState } from "../../../src/metrology/sampling/block-source.js";
import { Sampling } from "../../../src/metrology/sampling/sampling.js";
import { sine } from "../../../src/metrology/sampling/sine-table.js";
import type { WaveformBlock } from "../../../src/metrology/sampling/waveform-block.js";
import { st402d } from "../../../src/models/model.js";

/** A literal in a function would be copied to the heap at each call. */
const halfCycle = "half cycle";

/** Pseudo-random integers, the same everywhere: xorshift of 32 bits. */
class Dice {
	#state = 0x2545_f491;

	/** -range … range */
	next(range: number): number {
		let x = this.#state;
		x ^= x << 13;
		x ^= x >>> 17;
		x ^= x << 5;
		this.#state = x;
		return (x % (range + 1)) | 0;
	}
}

/** Half cycles of three phases from integers alone: harmonics, noise, and in the last block every point at a rail. */
class ScriptedSource implements BlockSource {
	readonly phases = 3;
	readonly highestOrder = 40;
	readonly voltagePerCode_mV = 54;
	readonly currentPerCode_mA = 11;
	readonly assumedFrequency_mHz = 50_000;
	nextDeadline_ms = 0;
	block = 0;
	readonly #view = new DataView(new ArrayBuffer(512 * 12));
	readonly #dice = new Dice();

	/** Makes the points of the next block. */
	prepare(): void {
		this.block++;
		for (let n = 0; n < 512; n++) {
			for (let phase = 0; phase < 3; phase++) {
				this.#view.setInt16(12 * n + 4 * phase, this.#point(n, 2 * phase + 1));
				this.#view.setInt16(12 * n + 4 * phase + 2, this.#point(n, 2 * phase));
			}
		}
	}

	begin(now_ms: number): number {
		this.nextDeadline_ms = now_ms + 83;
		return captureState.running;
	}

	advance(now_ms: number, block: WaveformBlock): number {
		this.nextDeadline_ms = now_ms + 1;
		beginSpan(halfCycle);
		block.addHalfCycle(this.#view, 768 * block.halfCycles);
		endSpan(halfCycle);
		return block.halfCycles === 8 ? captureState.finished : captureState.running;
	}

	#point(n: number, channel: number): number {
		if (this.block === 3) return this.#dice.next(1) < 0 ? -32_768 : 32_767;
		const size = channel % 2 === 0 ? 8000 : [3000, 40, 12_000][channel >> 1]!;
		let value = size * sine[(n + 21 * channel) & 127]!;
		for (let order = 2; order <= 40; order += channel + 1)
			value += (size >> 4) * sine[(n * order + channel * 5) & 127]!;
		return ((value >> 14) + this.#dice.next(6)) | 0;
	}

	powerFactor(): number {
		return 1;
	}
}

function printBlock(view: HarmonicsView): void {
	print("block", view.blockSequence, view.status, view.blockFrequency_mHz());
	for (let phase = 1; phase <= 3; phase++) {
		print(view.blockVoltage_mV(phase), view.blockCurrent_mA(phase));
		print(view.blockActivePower_mW(phase), view.blockReactivePower_mvar(phase));
		print(view.blockFundamentalReactivePower_mvar(phase));
		print(view.voltageThd_permyriad(phase), view.currentThd_permyriad(phase));
		for (let half = 0; half < 7; half++) print(view.cycleVoltage_mV(phase, half));
		for (let order = 1; order <= 40; order++) {
			print(order, view.voltageHarmonic_permyriad(phase, order), view.currentHarmonic_permyriad(phase, order));
		}
	}
}

/** Three blocks of six channels: values as under node, bit by bit, and the cost of each turn. */
export default function run(): void {
	const source = new ScriptedSource();
	const sampling = new Sampling({ model: st402d, source });
	sampling.run(0); // sets the time of the first block
	reading("sampling");
	let told = 0;
	sampling.addListener({ blockFinished: () => told++ });
	let turns = 0;
	let cost = 0;
	for (let block = 1; block <= 3; block++) {
		source.prepare();
		while (sampling.blockSequence < block) {
			beginSpan("turn");
			const begin = computrons();
			sampling.run(sampling.deadline_ms);
			cost += computrons() - begin;
			endSpan("turn");
			turns++;
		}
		printBlock(sampling);
	}
	check("three blocks were told to the listener", told === 3);
	check("a block takes 1 + 8 + 6 turns", turns === 45);
	figure("block.computrons", Math.round(cost / 3));
	collectGarbage();
	const slots = heap("slots");
	const chunks = heap("chunks");
	while (sampling.blockSequence < 4) sampling.run(sampling.deadline_ms);
	const garbage = heap("chunks") - chunks;
	figure("garbage.chunks", garbage);
	check("a block makes no garbage", heap("slots") === slots && garbage <= 32); // the words "slots" and "chunks"
}
