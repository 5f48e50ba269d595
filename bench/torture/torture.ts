// SPDX-License-Identifier: Apache-2.0
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { Household } from "../../hosts/simulator/grid/household.js";
import { manufacture } from "../../hosts/simulator/identity.js";
import { SeededRandom } from "../../hosts/simulator/random.js";
import { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { FaultyFlash, PowerCut } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { DeviceError } from "../../src/core/device-error.js";
import { profileIndex } from "../../src/cosem/objects/profiles.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { flashLayout } from "../../src/storage/layout.js";

export interface TortureOptions {
	readonly model: ModelDescriptor;
	readonly cuts: number;
	readonly seed: number;
	/** Meter time in which the cuts fall, seconds; a week unless given. */
	readonly duration_s?: number;
	/** Called after each cut. */
	progress?(cut: number): void;
}

export interface TortureResult {
	readonly cuts: number;
	/** Of them, in the first instants of a start. */
	readonly duringRecovery: number;
	readonly simulated_s: number;
	/** Rows of load profile 1 that were looked at. */
	readonly rows: number;
	readonly acknowledgedSets: number;
	/** What was wrong, in words; empty when all held. */
	readonly findings: readonly string[];
}

const week_s = 7 * 86_400;
const step_s = 10;
/** Energy may be behind by the load of a minute, and of the second that was running. */
const longestLoss_s = 62;
const setLength = 12;
/** Energies are told to clients in whole units of a digit: ten of 0.1 Wh. */
const unitsPerDigit = 10;

/** Every one of 0 ≤ x < 1. */
function generator(seed: number, what: string): () => number {
	const random = new SeededRandom(seed, what);
	const word = new Uint32Array(1);
	return () => {
		random.fill(new Uint8Array(word.buffer));
		return word[0]! / 2 ** 32;
	};
}

/**
 * Cuts the supply of a working meter in the middle of writes to its flash, also while it starts, and holds it after each start
 * against what had been told and seen before.
 */
class Torture {
	readonly findings: string[] = [];
	duringRecovery = 0;
	rows = 0;
	acknowledgedSets = 0;
	readonly #options: TortureOptions;
	readonly #random: () => number;
	readonly #flash: FaultyFlash;
	readonly #simulated: SimulatedMeter;
	readonly #row = new ProfileRow();
	/** Time and A+ in units of 0.1 Wh, each step of the last minutes. */
	#history: { at_ms: number; units: number }[] = [];
	#told = 0;
	#newestRow = -1;
	#newestBytes = "";
	#events = 0;
	#stored = "";
	#offered = "";
	#cut = 0;

	constructor(options: TortureOptions) {
		const { model, seed } = options;
		this.#options = options;
		this.#random = generator(seed, `torture ${model.name}`);
		this.#flash = new FaultyFlash(new MemoryFlash(flashLayout("desktop").sectorCount), generator(seed, "flash"));
		const grid = new Grid({ phases: model.phases, frequency_Hz: 50, voltage_V: model.nominalVoltage_V, seed });
		const rtc_s = 850_000_000;
		const household = new Household(grid, seed, {
			startOfDay_s: rtc_s % 86_400,
			photovoltaic_W: 3000,
			scale: model.nominalRatio_A > 0 ? 1 / 40 : 1,
		});
		this.#simulated = new SimulatedMeter({
			model,
			identity: manufacture(model, seed),
			terminals: grid,
			household,
			seed,
			hasNoise: false,
			flash: this.#flash,
			random: new SeededRandom(seed, "links"),
			rtc_s,
			log: { write: () => undefined },
		});
	}

	run(): TortureResult {
		const { cuts, duration_s = week_s, progress } = this.#options;
		for (this.#cut = 1; this.#cut <= cuts; this.#cut++) {
			this.#work((duration_s / cuts) * 2 * this.#random());
			this.#recover();
			this.#check();
			progress?.(this.#cut);
		}
		const { duringRecovery, rows, acknowledgedSets, findings } = this;
		const simulated_s = this.#simulated.monotonic_ms() / 1000;
		return { cuts, duringRecovery, simulated_s, rows, acknowledgedSets, findings };
	}

	/** Lets the meter work for a while; then power fails in one of the next writes, or plainly. */
	#work(duration_s: number): void {
		const simulated = this.#simulated;
		const end_ms = simulated.monotonic_ms() + Math.ceil(duration_s * 1000);
		const patience_ms = end_ms + 120_000;
		let isArmed = false;
		try {
			while (simulated.monotonic_ms() < patience_ms) {
				if (!isArmed && simulated.monotonic_ms() >= end_ms) {
					isArmed = true;
					this.#flash.cutAfter(1 + Math.floor(this.#random() * 12));
				}
				simulated.runTo(simulated.monotonic_ms() + step_s * 1000);
				this.#remember();
				if (this.#random() < 0.2) this.#tell();
				if (this.#random() < 0.1) this.#set();
			}
		} catch (error) {
			if (!(error instanceof PowerCut)) throw error;
		}
		simulated.cutPower();
	}

	#remember(): void {
		const at_ms = this.#simulated.monotonic_ms();
		const { metrology, profiles, events } = this.#simulated.meter.application;
		this.#history.push({ at_ms, units: metrology.energy_units(1) });
		if (this.#history.length > 30) this.#history.shift();
		const log = profiles.log(profileIndex.load1);
		if (log.nextNumber - 1 > this.#newestRow) {
			this.#newestRow = log.nextNumber - 1;
			this.#newestBytes = this.#rowText(this.#newestRow);
		}
		this.#events = Math.max(this.#events, events.store.count(0));
	}

	/** An energy goes to a client: it must never be undercut. */
	#tell(): void {
		const { application } = this.#simulated.meter;
		application.energyGiven();
		const told = Math.floor(application.metrology.energy_units(1) / unitsPerDigit);
		application.beforeResponse();
		this.#told = Math.max(this.#told, told);
	}

	/** A parameter is written; what was acknowledged stays. */
	#set(): void {
		const value = Uint8Array.from({ length: setLength }, () => Math.floor(this.#random() * 256));
		this.#offered = Buffer.from(value).toString("hex");
		try {
			this.#simulated.meter.application.octetParameters.write(0, value);
		} catch (error) {
			if (error instanceof DeviceError) return;
			throw error;
		}
		this.#stored = this.#offered;
		this.acknowledgedSets++;
	}

	/** Power returns, in one case of three only to fail again in the writes of the start. */
	#recover(): void {
		const simulated = this.#simulated;
		for (;;) {
			this.#flash.restore();
			simulated.runTo(simulated.monotonic_ms() + 1000 + Math.floor(this.#random() * 60_000));
			if (this.#random() < 1 / 3) this.#flash.cutAfter(1 + Math.floor(this.#random() * 20));
			try {
				simulated.restorePower();
				simulated.runTo(simulated.monotonic_ms() + 3000);
				this.#flash.cutAfter(Infinity);
				return;
			} catch (error) {
				if (!(error instanceof PowerCut)) throw error;
				this.duringRecovery++;
				simulated.cutPower();
			}
		}
	}

	#check(): void {
		const { metrology, profiles, events, octetParameters } = this.#simulated.meter.application;
		const units = metrology.energy_units(1);
		const last = this.#history.at(-1);
		if (last !== undefined) {
			const running = 3 * 30_000; // three seconds of 108 kW since the start
			if (units > last.units + running) this.#find(`A+ rose from ${last.units} to ${units} without supply`);
			const durable = this.#history.filter(({ at_ms }) => last.at_ms - at_ms >= longestLoss_s * 1000).at(-1);
			if (durable !== undefined && units < durable.units)
				this.#find(`A+ fell back to ${units}, ${durable.units} a minute before the cut`);
		}
		if (Math.floor(units / unitsPerDigit) < this.#told) this.#find(`A+ ${units} below ${this.#told} as told`);
		this.#history = [];
		this.#checkRows(profiles.log(profileIndex.load1));
		if (events.store.count(0) < this.#events)
			this.#find(`event counter fell from ${this.#events} to ${events.store.count(0)}`);
		const into = new Uint8Array(64);
		const stored = Buffer.from(into.subarray(0, octetParameters.read(0, into))).toString("hex");
		if (stored !== this.#stored && stored !== this.#offered) this.#find(`parameter ${stored} is not ${this.#stored}`);
		this.#stored = stored;
		this.#offered = stored;
	}

	#checkRows(log: { readonly firstNumber: number; readonly nextNumber: number }): void {
		const { nextNumber } = log;
		if (this.#newestRow >= 0 && nextNumber <= this.#newestRow) this.#find(`row ${this.#newestRow} is gone`);
		else if (this.#newestRow >= 0 && this.#rowText(this.#newestRow) !== this.#newestBytes)
			this.#find(`row ${this.#newestRow} has changed`);
		let before_s = -1;
		for (let number = Math.max(log.firstNumber, nextNumber - 8); number < nextNumber; number++) {
			if (!this.#simulated.meter.application.profiles.readRow(profileIndex.load1, number, this.#row)) {
				this.#find(`row ${number} cannot be read`);
				continue;
			}
			this.rows++;
			if (this.#row.utc_s <= before_s) this.#find(`row ${number} is not later than the one before`);
			before_s = this.#row.utc_s;
		}
	}

	#rowText(number: number): string {
		const { profiles } = this.#simulated.meter.application;
		if (!profiles.readRow(profileIndex.load1, number, this.#row)) return "";
		return Buffer.from(this.#row.bytes.subarray(0, ProfileRow.headerSize + this.#row.length)).toString("hex");
	}

	#find(what: string): void {
		this.findings.push(`cut ${this.#cut}: ${what}`);
	}
}

/** Runs the torture; deterministic for model, cuts, seed and duration. */
export function torture(options: TortureOptions): TortureResult {
	return new Torture(options).run();
}
