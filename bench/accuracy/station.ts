// SPDX-License-Identifier: Apache-2.0
import { calibrateBoard } from "../../hosts/simulator/factory/calibrate.js";
import { type BoardTolerances, drawTolerances } from "../../hosts/simulator/factory/tolerances.js";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import type { Harmonic } from "../../hosts/simulator/grid/loads.js";
import type { Phase } from "../../hosts/simulator/grid/phase-setting.js";
import { truthOf } from "../../hosts/simulator/grid/truth.js";
import { manufacture } from "../../hosts/simulator/identity.js";
import { SeededRandom } from "../../hosts/simulator/random.js";
import { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import { calibrationLayout } from "../../src/drivers/calibrated-front-end.js";
import { type Calibration, writeCalibration } from "../../src/metrology/calibration.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import { flashLayout } from "../../src/storage/layout.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { DlmsClient } from "../../tests/support/client/client.js";
import { asNumber, asOctets, data, ref } from "../../tests/support/client/data.js";
import { clientSap, testSecurity } from "../../tests/support/client/test-client.js";
import { InProcessLine } from "./in-process-line.js";

/** Set points of the source, the same for every phase that carries current. */
export interface StationLoad {
	readonly current_A: number;
	readonly angle_deg: number;
	readonly phase?: 1 | 2 | 3 | undefined;
	/** Share of the nominal voltage; 1 unless given. */
	readonly voltage?: number;
	readonly voltageHarmonics?: readonly Harmonic[];
	readonly currentHarmonics?: readonly Harmonic[];
	/** Phases without voltage and current. */
	readonly missing?: readonly Phase[];
	/** Turned by so many degrees against what the reference counts, by phase: a wiring mistake on purpose. */
	readonly miswired_deg?: readonly number[];
}

export interface StationOptions {
	readonly model: ModelDescriptor;
	readonly seed: number;
	readonly gear: "phasor" | "waveform";
	/** Errors of the board; drawn from the seed unless given. */
	readonly tolerances?: BoardTolerances | undefined;
	/** Spoils what the factory found, for controls that must fail. */
	readonly spoil?: ((calibration: Calibration) => Calibration) | undefined;
}

export interface Measurement {
	readonly error_percent: number;
	readonly pulses: number;
	readonly duration_s: number;
}

/** How long a measurement lasts at least. */
export interface Effort {
	readonly pulses: number;
	readonly duration_s: number;
}

export const defaultEffort: Effort = Object.freeze({ pulses: 10, duration_s: 10 });

/** Time after a change of the load before anything is measured. */
const settle_s = 5;
const log = { write: () => undefined };

/**
 * A whole meter with the errors of its board on a bench that knows it from outside alone: volts and amperes at its terminals,
 * pulses of its LEDs with their instants, registers over DLMS.
 */
export class Station {
	readonly grid: Grid;
	readonly meter: SimulatedMeter;
	readonly #model: ModelDescriptor;
	readonly #security = testSecurity();
	#truth = { active_W: 0, reactive_var: 0 };

	constructor({ model, seed, gear, spoil, tolerances = drawTolerances(model, seed) }: StationOptions) {
		this.#model = model;
		this.grid = new Grid({
			phases: model.phases,
			frequency_Hz: model.nominalFrequency_Hz,
			voltage_V: model.nominalVoltage_V,
			seed,
		});
		const flash = new MemoryFlash(flashLayout("desktop").sectorCount);
		if (spoil !== undefined) {
			const { firstSector, sectorCount } = flashLayout("desktop").parameters;
			const spoilt = spoil(calibrateBoard(model, tolerances, seed));
			writeCalibration(new RecordLog(flash, firstSector, sectorCount), calibrationLayout(model), spoilt);
		}
		this.meter = new SimulatedMeter({
			model,
			identity: manufacture(model, seed),
			terminals: this.grid,
			seed,
			gear,
			tolerances,
			flash,
			isNew: spoil === undefined,
			random: new SeededRandom(seed, "accuracy bench"),
			rtc_s: 820_000_000,
			log,
		});
	}

	/** A station whose meter gives impulses of |A|, as points of export need it: script 2 of 0-0:10.0.104. */
	static async open(options: StationOptions): Promise<Station> {
		const station = new Station(options);
		const script = data.longUnsigned(2);
		await station.#with((client) => client.action(ref(9, "0-0:10.0.104.255"), 1, script));
		return station;
	}

	get now_s(): number {
		return this.meter.monotonic_ms() / 1000;
	}

	get nominalFrequency_Hz(): number {
		return this.#model.nominalFrequency_Hz;
	}

	run(duration_s: number): void {
		this.meter.runTo(this.meter.monotonic_ms() + duration_s * 1000);
	}

	/** Sets the source, and the reference with it: true powers follow from what is set, whatever the wiring does. */
	apply(load: StationLoad): void {
		const set = (miswired_deg: readonly number[]) =>
			this.grid.change(() => {
				for (let p = 1; p <= this.#model.phases; p++) this.#setPhase(p as Phase, load, miswired_deg[p - 1] ?? 0);
			});
		set([]);
		this.#truth = { active_W: 0, reactive_var: 0 };
		for (let p = 1; p <= this.#model.phases; p++) {
			const { activePower_W, reactivePower_var } = truthOf(this.grid.phasors(), p as Phase);
			this.#truth.active_W += activePower_W;
			this.#truth.reactive_var += reactivePower_var;
		}
		if (load.miswired_deg !== undefined) set(load.miswired_deg);
	}

	/** True power of the load in force, signed. */
	truth(quantity: "active" | "reactive"): number {
		return quantity === "active" ? this.#truth.active_W : this.#truth.reactive_var;
	}

	#setPhase(phase: Phase, load: StationLoad, turn_deg: number): void {
		const isMissing = load.missing?.includes(phase) ?? false;
		const flows = !isMissing && (load.phase === undefined || load.phase === phase);
		const turned_deg = load.angle_deg + turn_deg;
		this.grid.setPhase(phase, {
			voltage_V: isMissing ? 0 : (load.voltage ?? 1) * this.#model.nominalVoltage_V,
			current_A: flows ? load.current_A : 0,
			angle_deg: turned_deg > 360 ? turned_deg - 360 : turned_deg,
			voltageHarmonics: load.voltageHarmonics ?? [],
			currentHarmonics: load.currentHarmonics ?? [],
		});
	}

	/** Falling edges of an LED since start, and when the last one was. */
	led(quantity: "active" | "reactive"): { count: number; last_s: number } {
		const { cf1, cf2 } = this.meter.frontEnd;
		const { count, lastEdge_s } = quantity === "active" ? cf1 : cf2;
		return { count, last_s: lastEdge_s };
	}

	/**
	 * Error from edge to edge of the LED, in percent of the true energy. A meter that gives no pulses in three times the time
	 * they take reads -100 %.
	 */
	measure(quantity: "active" | "reactive", effort: Effort = defaultEffort): Measurement {
		const power = Math.abs(this.truth(quantity));
		const period_s = 3_600_000 / (this.#model.ledConstant * power);
		this.run(settle_s);
		const step_s = Math.min(period_s, 1);
		const start = this.led(quantity);
		const patience_s = this.now_s + 3 * period_s + settle_s;
		while (this.led(quantity).count === start.count) {
			if (this.now_s > patience_s) return { error_percent: -100, pulses: 0, duration_s: 3 * period_s };
			this.run(step_s);
		}
		const first = this.led(quantity);
		this.run(Math.max(effort.duration_s, effort.pulses * period_s));
		const limit_s = this.now_s + 2 * effort.pulses * period_s;
		while (this.led(quantity).count - first.count < effort.pulses && this.now_s < limit_s) this.run(step_s);
		const last = this.led(quantity);
		const duration_s = last.last_s - first.last_s;
		const pulses = last.count - first.count;
		if (!(duration_s > 0)) return { error_percent: -100, pulses, duration_s: 0 };
		const measured_J = (pulses * 3_600_000) / this.#model.ledConstant;
		return { error_percent: 100 * (measured_J / (power * duration_s) - 1), pulses, duration_s };
	}

	/** Value of an energy register, Wh or varh, as a client reads it. */
	async register(c: number): Promise<number> {
		return (await this.registers([c]))[0]!;
	}

	/** Values of energy registers, read in one association. */
	registers(groups: readonly number[]): Promise<number[]> {
		return this.#read(
			groups.map((c) => `1-0:${c}.8.0.255`),
			1,
		);
	}

	/** Instantaneous values, for C = 13 the power factor with its sign. */
	instantaneous(groups: readonly number[]): Promise<number[]> {
		return this.#read(
			groups.map((c) => `1-0:${c}.7.0.255`),
			0.001,
		);
	}

	/** Version and checksum of the legally relevant part, as a client reads them. */
	async metrologyFirmware(): Promise<{ version: string; checksum: string }> {
		return this.#with(async (client) => ({
			version: Buffer.from(asOctets(await client.read(ref(1, "1-0:0.2.0.255"), 2))).toString("latin1"),
			checksum: Buffer.from(asOctets(await client.read(ref(1, "1-0:0.2.8.255"), 2))).toString("hex"),
		}));
	}

	#read(names: readonly string[], digit: number): Promise<number[]> {
		return this.#with(async (client) => {
			const values: number[] = [];
			for (const name of names) values.push(asNumber(await client.read(ref(3, name), 2)) * digit);
			return values;
		});
	}

	async #with<Value>(use: (client: DlmsClient) => Promise<Value>): Promise<Value> {
		const client = DlmsClient.overWrapper(new InProcessLine(this.meter), {
			clientSap: clientSap.management,
			security: this.#security,
		});
		await client.associate();
		const found = await use(client);
		await client.close();
		return found;
	}
}
