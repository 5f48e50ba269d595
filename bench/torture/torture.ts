// SPDX-License-Identifier: Apache-2.0
import type { Grid } from "../../hosts/simulator/grid/grid.js";
import type { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { FaultyFlash, PowerCut } from "../../hosts/simulator/storage/faulty-flash.js";
import { FaultyFram } from "../../hosts/simulator/storage/faulty-fram.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { MemoryFram } from "../../hosts/simulator/storage/memory-fram.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import { flashLayout } from "../../src/storage/layout.js";
import { createHouseholdMeter } from "../household-meter.js";
import { HeadEnd } from "./head-end.js";
import { generator, pick } from "./random.js";
import { RegisterWatch } from "./register-watch.js";
import { RowWatch } from "./row-watch.js";

export interface TortureOptions {
	readonly model: ModelDescriptor;
	readonly cuts: number;
	readonly seed: number;
	/** The board has FRAM; half of the cuts are in a write to it. */
	readonly hasFram?: boolean;
	/** Meter time in which the cuts fall, seconds; a week unless given. */
	readonly duration_s?: number;
	/** Called after each cut. */
	progress?(cut: number): void;
}

export interface TortureResult {
	readonly cuts: number;
	/** Further ones, in the first instants of a start. */
	readonly duringRecovery: number;
	readonly simulated_s: number;
	/** Rows of logs and profiles that were looked at. */
	readonly rows: number;
	readonly acknowledgedSets: number;
	/** What was wrong, in words; empty when all held. */
	readonly findings: readonly string[];
}

const week_s = 7 * 86_400;
const step_s = 10;
/** All rows are read, and a request is sent twice, after every so many cuts. */
const walkEvery = 50;
/** The supply fails after so long at the latest, when nothing is written. */
const patience_ms = 120_000;
const firstSeconds = 3;

/**
 * Cuts the supply of a working meter in the middle of writes to its memory, also while it starts, and holds it after each start
 * against what had been told and seen before.
 */
class Torture {
	readonly findings: string[] = [];
	duringRecovery = 0;
	readonly #options: TortureOptions;
	readonly #random: () => number;
	readonly #flash: FaultyFlash;
	readonly #fram: FaultyFram | undefined;
	readonly #grid: Grid;
	readonly #simulated: SimulatedMeter;
	readonly #headEnd: HeadEnd;
	readonly #registers: RegisterWatch;
	readonly #rows: RowWatch;
	#cut = 0;

	constructor(options: TortureOptions) {
		const { model, seed, hasFram = false } = options;
		this.#options = options;
		this.#random = generator(seed, `torture ${model.name} ${hasFram}`);
		this.#flash = new FaultyFlash(new MemoryFlash(flashLayout("desktop").sectorCount), generator(seed, "flash"));
		this.#fram = hasFram ? new FaultyFram(new MemoryFram(), this.#flash, generator(seed, "fram")) : undefined;
		const world = createHouseholdMeter({
			model,
			seed,
			flash: this.#flash,
			fram: this.#fram,
			rtc_s: 850_000_000,
			hasNoise: false,
		});
		this.#grid = world.grid;
		this.#simulated = world.simulated;
		const find = (what: string): void => this.#find(what);
		this.#registers = new RegisterWatch(hasFram);
		this.#rows = new RowWatch(this.#simulated, this.#random);
		this.#headEnd = new HeadEnd(
			this.#simulated.handler,
			() => this.#flash.isCut,
			this.#random,
			find,
			(c, digits) => this.#registers.told(c, digits),
		);
		this.#registers.follow(this.#simulated.meter.application.metrology);
	}

	async run(): Promise<TortureResult> {
		const { cuts, duration_s = week_s, progress } = this.#options;
		for (this.#cut = 1; this.#cut <= cuts; this.#cut++) {
			await this.#work((duration_s / cuts) * 2 * this.#random());
			this.#recover();
			await this.#check();
			progress?.(this.#cut);
		}
		const { duringRecovery, findings } = this;
		const { acknowledgedSets } = this.#headEnd;
		const simulated_s = this.#simulated.monotonic_ms() / 1000;
		return { cuts, duringRecovery, simulated_s, rows: this.#rows.rows, acknowledgedSets, findings };
	}

	/** Lets the meter work for a while; then power fails in one of the next writes, or plainly. */
	async #work(duration_s: number): Promise<void> {
		const simulated = this.#simulated;
		const end_ms = simulated.monotonic_ms() + Math.ceil(duration_s * 1000);
		try {
			while (simulated.monotonic_ms() < end_ms + patience_ms) {
				if (simulated.monotonic_ms() >= end_ms) this.#arm();
				simulated.runTo(simulated.monotonic_ms() + step_s * 1000);
				if (this.#random() < 0.2) this.#disturb();
				if (this.#random() < 0.3) await this.#headEnd.work();
				this.#rows.glance();
			}
		} catch (error) {
			if (!(error instanceof PowerCut)) throw error;
		}
		simulated.cutPower();
		this.#headEnd.dropped();
	}

	/** Power will fail in one of the next writes. */
	#arm(): void {
		if (this.#fram !== undefined && this.#random() < 0.5) this.#fram.cutAfter(1 + pick(this.#random, 20));
		else this.#flash.cutAfter(1 + pick(this.#random, 12));
	}

	#disarm(): void {
		this.#flash.cutAfter(Infinity);
		this.#fram?.cutAfter(Infinity);
	}

	/** Something that makes rows: covers, magnet, dips. */
	#disturb(): void {
		const { housing } = this.#simulated;
		const what = this.#random();
		if (what < 0.3) housing.set({ meterCoverOpen: this.#random() < 0.5 });
		else if (what < 0.5) housing.set({ terminalCoverOpen: this.#random() < 0.5 });
		else if (what < 0.7) housing.set({ magneticField: this.#random() < 0.5 });
		else {
			const { nominalVoltage_V } = this.#options.model;
			const depths = [1, 1, 0.6, 1.15, 0];
			this.#grid.setPhase(1, { voltage_V: nominalVoltage_V * depths[pick(this.#random, depths.length)]! });
			this.#simulated.runTo(this.#simulated.monotonic_ms() + 400);
			this.#grid.setPhase(1, { voltage_V: nominalVoltage_V });
		}
	}

	/** Power returns, in one case of three only to fail again in the writes of the start. */
	#recover(): void {
		const simulated = this.#simulated;
		for (let starts = 1; ; starts++) {
			this.#flash.restore();
			this.#disarm();
			simulated.runTo(simulated.monotonic_ms() + 1000 + pick(this.#random, 60_000));
			if (this.#random() < 1 / 3) this.#arm();
			try {
				simulated.restorePower();
				simulated.runTo(simulated.monotonic_ms() + firstSeconds * 1000);
				this.#disarm();
				const { metrology } = simulated.meter.application;
				this.#registers.check(metrology, starts * firstSeconds, (what) => this.#find(what));
				this.#registers.follow(metrology);
				return;
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
				this.duringRecovery++;
				simulated.cutPower();
			}
		}
	}

	async #check(): Promise<void> {
		this.#rows.checkGlance((what) => this.#find(what));
		const isThorough = this.#cut % walkEvery === 0 || this.#cut === this.#options.cuts;
		if (isThorough) this.#rows.walk((what) => this.#find(what));
		await this.#headEnd.check(isThorough);
	}

	#find(what: string): void {
		this.findings.push(`cut ${this.#cut}: ${what}`);
	}
}

/** Runs the torture; deterministic for model, FRAM, cuts, seed and duration, but for the challenges of the client. */
export async function torture(options: TortureOptions): Promise<TortureResult> {
	return new Torture(options).run();
}
