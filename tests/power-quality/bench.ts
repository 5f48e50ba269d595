// SPDX-License-Identifier: Apache-2.0
import { Ade7953Model } from "../../hosts/simulator/afe/ade7953/ade7953-model.js";
import { Ade9000Model } from "../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import type { Recording } from "../../hosts/simulator/grid/recording.js";
import { MeterClock } from "../../src/clock/meter-clock.js";
import { Ade7953 } from "../../src/drivers/ade7953.js";
import { Ade9000 } from "../../src/drivers/ade9000.js";
import { Metrology } from "../../src/metrology/metrology.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import type { Clock, RealTimeClock } from "../../src/ports/clock.js";
import { PowerQualityParameters } from "../../src/power-quality/parameters.js";
import { PowerQuality } from "../../src/power-quality/power-quality.js";
import type { VoltageEvent } from "../../src/power-quality/voltage-events.js";
import { FakeRecordStore } from "../metrology/fake-record-store.js";

/** A moment in the middle of a Tuesday: 2026-01-06T12:00:00Z. */
export const start_s = 821_016_000;

export interface SeenEvent {
	readonly kind: number;
	readonly phases: number;
	readonly start_ms: number;
	readonly duration_ms: number;
	readonly extreme_mV: number;
	readonly phaseExtreme_mV: readonly number[];
}

export interface BenchOptions {
	readonly gear?: "phasor" | "waveform";
	readonly hasPin?: boolean;
	/** How late the host calls after the interrupt pin fell. */
	readonly latency_ms?: number;
	readonly store?: FakeRecordStore;
	readonly clock_s?: number;
}

/** Mains, chip, driver, metrology and power quality of a meter in virtual time; the interrupt pin is looked at every 5 ms. */
export class Bench implements Clock, RealTimeClock {
	readonly chip: Ade9000Model | Ade7953Model;
	readonly driver: Ade9000 | Ade7953;
	readonly metrology: Metrology;
	readonly quality: PowerQuality;
	readonly parameters: PowerQualityParameters;
	readonly clock: MeterClock;
	readonly store: FakeRecordStore;
	readonly events: SeenEvent[] = [];
	readonly log: [number, number, number][] = [];
	readonly longOutages: number[][] = [];
	readonly offTimes: number[][] = [];
	now_ms = 0;
	readonly #terminals: Grid | Recording;
	readonly #step_ms: number;
	#start_s: number;
	#wasLow = false;

	constructor(model: ModelDescriptor, terminals: Grid | Recording, options: BenchOptions = {}) {
		const { gear = "phasor", hasPin = true } = options;
		this.#terminals = terminals;
		this.#step_ms = options.latency_ms ?? 5;
		this.#start_s = options.clock_s ?? start_s;
		this.store = options.store ?? new FakeRecordStore();
		const common = { terminals, board: model.board, gear, seed: 1, noise: false };
		const chip = model.board.frontEnd === "ADE9000" ? new Ade9000Model(common) : new Ade7953Model(common);
		this.chip = chip;
		if (terminals instanceof Grid) terminals.addListener(chip);
		this.driver =
			chip instanceof Ade9000Model
				? new Ade9000({ spi: chip, irq0: chip.irq0, ...(hasPin ? { irq1: chip.irq1 } : {}), model })
				: new Ade7953({ spi: chip, model });
		this.metrology = new Metrology({ model, frontEnd: this.driver, store: this.store });
		this.parameters = new PowerQualityParameters(this.store, model.nominalVoltage_V);
		this.clock = new MeterClock(this, this, this.store, this.store);
		this.quality = new PowerQuality({
			model,
			frontEnd: this.driver,
			parameters: this.parameters,
			clock: this.clock,
			journal: this.store,
			events: {
				event: (log, code) => this.log.push([log, code, this.now_ms]),
				eventAt: (log, code) => this.log.push([log, code, this.now_ms]),
			},
			voltageEvents: { voltageEventEnded: (event) => this.#note(event) },
			outages: {
				longOutageEnded: (...what) => this.longOutages.push(what),
				offTimeEnded: (...what) => this.offTimes.push(what),
			},
		});
		this.metrology.addListener(this.quality);
	}

	monotonic_ms(): number {
		return this.now_ms;
	}

	utc_s(): number {
		return this.#start_s + Math.floor(this.now_ms / 1000);
	}

	set(utc_s: number): void {
		this.#start_s = utc_s - Math.floor(this.now_ms / 1000);
	}

	get codes(): number[] {
		return this.log.map(([, code]) => code);
	}

	#note(event: VoltageEvent): void {
		this.events.push({ ...event, phaseExtreme_mV: [...event.phaseExtreme_mV] });
	}

	run(duration_s: number): void {
		const end_ms = Math.round(this.now_ms + duration_s * 1000);
		const { metrology, quality, chip } = this;
		while (this.now_ms < end_ms) {
			const step_ms = this.now_ms - (this.now_ms % this.#step_ms) + this.#step_ms;
			const due_ms = Math.max(this.now_ms, Math.min(metrology.deadline_ms, quality.deadline_ms));
			this.now_ms = Math.min(end_ms, step_ms, due_ms);
			if (this.#terminals instanceof Grid) this.#terminals.advanceTo(this.now_ms / 1000);
			chip.advanceTo(this.now_ms / 1000);
			const isLow = chip instanceof Ade9000Model && chip.irq1.read() === 0;
			if (isLow && !this.#wasLow && this.now_ms % this.#step_ms === 0) quality.interrupt(this.now_ms);
			if (this.now_ms % this.#step_ms === 0) this.#wasLow = isLow;
			while (metrology.deadline_ms <= this.now_ms || quality.deadline_ms <= this.now_ms) {
				if (metrology.deadline_ms <= this.now_ms) metrology.run(this.now_ms);
				if (quality.deadline_ms <= this.now_ms) quality.run(this.now_ms);
			}
		}
	}
}
