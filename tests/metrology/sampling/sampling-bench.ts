// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { Ade7953Model } from "../../../hosts/simulator/afe/ade7953/ade7953-model.js";
import { WaveformSampler } from "../../../hosts/simulator/afe/ade7953/waveform-sampler.js";
import { Ade9000Model } from "../../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { Grid } from "../../../hosts/simulator/grid/grid.js";
import { Recording } from "../../../hosts/simulator/grid/recording.js";
import { Scheduler } from "../../../src/core/scheduler.js";
import { Ade7953 } from "../../../src/drivers/ade7953.js";
import { Ade9000 } from "../../../src/drivers/ade9000.js";
import { Metrology } from "../../../src/metrology/metrology.js";
import { Sampling } from "../../../src/metrology/sampling/sampling.js";
import type { ModelDescriptor } from "../../../src/models/model.js";
import type { SpiDevice } from "../../../src/ports/bus.js";
import { FakeRecordStore } from "../fake-record-store.js";

const folder = fileURLToPath(new URL("../../data/waveforms/", import.meta.url));

/** Truth about a waveform of tests/data/waveforms, per phase. */
export interface PhaseTruth {
	readonly urms: number;
	readonly irms: number;
	readonly p: number;
	readonly q1: number;
	readonly qb: number;
	/** RMS by order, from 1. */
	readonly uh: readonly number[];
	readonly ih: readonly number[];
}

export interface SamplingBenchOptions {
	readonly gear?: "phasor" | "waveform";
	readonly noise?: boolean;
	/** A recording on the terminals instead of the grid. */
	readonly file?: string;
	readonly currentScale?: number;
	/** Blocks of an ADE7953 need its sample stream; default true. */
	readonly hasStream?: boolean;
	readonly period_ms?: number;
	readonly isHasty?: boolean;
}

/** Mains or recording, chip model, driver, metrology and sampling, run by one scheduler. */
export class SamplingBench {
	readonly grid: Grid;
	readonly chip: Ade9000Model | Ade7953Model;
	readonly driver: Ade9000 | Ade7953;
	readonly metrology: Metrology;
	readonly sampling: Sampling;
	/** Lengths of the frames on the bus, and their first two octets. */
	readonly frames: { length: number; command: number }[] = [];
	/** Set to stand between driver and chip. */
	wire: ((frame: Uint8Array, chip: SpiDevice) => void) | undefined;
	now_ms = 0;
	readonly #scheduler = new Scheduler();
	readonly #isGrid: boolean;

	constructor(model: ModelDescriptor, options: SamplingBenchOptions = {}) {
		const { gear = "phasor", noise = false, file, currentScale = 1 } = options;
		this.grid = new Grid({
			phases: model.phases,
			frequency_Hz: model.nominalFrequency_Hz,
			voltage_V: model.nominalVoltage_V,
		});
		this.#isGrid = file === undefined;
		const terminals =
			file === undefined
				? this.grid
				: Recording.fromFile(`${folder}${file}.cfg`, { phases: model.phases, currentScale });
		const common = { terminals, board: model.board, gear, seed: 1, noise };
		const chip = model.board.frontEnd === "ADE9000" ? new Ade9000Model(common) : new Ade7953Model(common);
		this.chip = chip;
		if (this.#isGrid) this.grid.addListener(chip);
		const spi: SpiDevice = {
			transfer: (frame) => {
				this.frames.push({ length: frame.length, command: (frame[0]! << 8) | frame[1]! });
				if (this.wire === undefined) chip.transfer(frame);
				else this.wire(frame, chip);
			},
		};
		this.driver =
			chip instanceof Ade9000Model ? new Ade9000({ spi, irq0: chip.irq0, model }) : new Ade7953({ spi, model });
		this.metrology = new Metrology({ model, frontEnd: this.driver, store: new FakeRecordStore() });
		const stream = chip instanceof Ade7953Model && options.hasStream !== false ? new WaveformSampler(chip) : undefined;
		const source = this.driver.createBlockSource(stream);
		if (source === undefined) throw new Error("nothing samples");
		this.sampling = new Sampling({
			model,
			source,
			...(options.period_ms === undefined ? {} : { period_ms: options.period_ms }),
			...(options.isHasty === undefined ? {} : { isHasty: options.isHasty }),
		});
		this.#scheduler.add(this.metrology);
		this.#scheduler.add(this.sampling);
	}

	/** Runs from deadline to deadline for so many seconds. */
	run(duration_s: number): void {
		const end_ms = this.now_ms + duration_s * 1000;
		while (this.#scheduler.nextDeadline_ms() <= end_ms) {
			this.#moveTo(Math.max(this.now_ms, this.#scheduler.nextDeadline_ms()));
			this.#scheduler.advance(this.now_ms);
		}
		this.#moveTo(end_ms);
	}

	/** Runs until so many more blocks are there, at most 6 s for each. */
	runBlocks(count: number): void {
		for (let n = 0; n < count; n++) {
			const { blockSequence } = this.sampling;
			for (let k = 0; k < 60 && this.sampling.blockSequence === blockSequence; k++) this.run(0.1);
		}
	}

	#moveTo(now_ms: number): void {
		this.now_ms = now_ms;
		if (this.#isGrid) this.grid.advanceTo(now_ms / 1000);
		this.chip.advanceTo(now_ms / 1000);
	}
}
