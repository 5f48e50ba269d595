// SPDX-License-Identifier: Apache-2.0
import { Ade7953Model } from "../../hosts/simulator/afe/ade7953/ade7953-model.js";
import { Ade9000Model } from "../../hosts/simulator/afe/ade9000/ade9000-model.js";
import { Grid } from "../../hosts/simulator/grid/grid.js";
import { Ade7953 } from "../../src/drivers/ade7953.js";
import { type Ade7953Calibration, ade7953Uncalibrated } from "../../src/drivers/ade7953-configuration.js";
import { Ade9000 } from "../../src/drivers/ade9000.js";
import {
	type Ade9000Calibration,
	ade9000Uncalibrated,
	neutralPhaseCalibration,
} from "../../src/drivers/ade9000-configuration.js";
import { energyIndex } from "../../src/metrology/front-end.js";
import { Metrology, type MetrologyOptions } from "../../src/metrology/metrology.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import type { SpiDevice } from "../../src/ports/bus.js";
import { FakeRecordStore } from "./fake-record-store.js";

interface Gains {
	readonly voltage: number;
	readonly current: number;
}

const unity: Gains = { voltage: 1, current: 1 };
const known = new Map<string, Gains>();

/**
 * Gains that take out the response of the chip's filters at nominal frequency (0.02 … 0.1 %), found as on a bench: nominal
 * voltage, near full current, power factor 1; voltage from the RMS, current from the apparent energy of 10 s.
 */
function gainsOf(model: ModelDescriptor): Gains {
	const key = `${model.name} ${model.nominalFrequency_Hz}`;
	let gains = known.get(key);
	if (gains !== undefined) return gains;
	const bench = new Bench(model, {}, false, false);
	const current_A = model.maximumCurrent_mA / 1000;
	for (let phase = 1; phase <= model.phases; phase++) {
		bench.grid.setPhase(phase as 1 | 2 | 3, { current_A, powerFactor: 1 });
	}
	bench.run(4);
	bench.runToInterval();
	let codes = 0;
	for (let n = 0; n < 10; n++) {
		bench.runToInterval();
		codes += bench.driver.reading.energy_codes[energyIndex.apparent]!;
	}
	const voltage = (model.nominalVoltage_V * 1000) / bench.metrology.voltage_mV(1);
	const measured_J = (codes * bench.driver.unitDenominator * 360) / bench.driver.unitNumerator;
	gains = { voltage, current: (model.nominalVoltage_V * current_A * 10) / measured_J / voltage };
	known.set(key, gains);
	return gains;
}

function ade9000Gains({ voltage, current }: Gains): Ade9000Calibration {
	const phase = {
		...neutralPhaseCalibration,
		voltageGain: Math.round((voltage - 1) * 2 ** 27),
		currentGain: Math.round((current - 1) * 2 ** 27),
	};
	return { ...ade9000Uncalibrated, phases: [phase, phase, phase], neutralGain: phase.currentGain };
}

function ade7953Gains({ voltage, current }: Gains): Ade7953Calibration {
	const currentGain = Math.round(current * 0x40_0000);
	return {
		...ade7953Uncalibrated,
		voltageGain: Math.round(voltage * 0x40_0000),
		currentGain,
		neutralGain: currentGain,
	};
}

/** A meter's measuring part on the simulated mains: grid, chip model, SPI, driver, metrology. */
export class Bench {
	readonly grid: Grid;
	readonly chip: Ade9000Model | Ade7953Model;
	readonly driver: Ade9000 | Ade7953;
	readonly metrology: Metrology;
	readonly store = new FakeRecordStore();
	now_ms = 0;
	/** Set to stand between driver and chip. */
	wire: ((frame: Uint8Array, chip: SpiDevice) => void) | undefined;

	/** With `isCalibrated` the chip gets what a calibration bench would write for a board without tolerances. */
	constructor(model: ModelDescriptor, options: Partial<MetrologyOptions> = {}, noise = false, isCalibrated = true) {
		this.grid = new Grid({
			phases: model.phases,
			frequency_Hz: model.nominalFrequency_Hz,
			voltage_V: model.nominalVoltage_V,
		});
		const common = { terminals: this.grid, board: model.board, gear: "phasor" as const, seed: 1, noise };
		const chip = model.board.frontEnd === "ADE9000" ? new Ade9000Model(common) : new Ade7953Model(common);
		this.chip = chip;
		this.grid.addListener(chip);
		const spi: SpiDevice = {
			transfer: (frame) => {
				if (this.wire === undefined) chip.transfer(frame);
				else this.wire(frame, chip);
			},
		};
		const gains = isCalibrated ? gainsOf(model) : unity;
		this.driver =
			chip instanceof Ade9000Model
				? new Ade9000({ spi, irq0: chip.irq0, model, calibration: ade9000Gains(gains) })
				: new Ade7953({ spi, model, calibration: ade7953Gains(gains) });
		this.metrology = new Metrology({ model, frontEnd: this.driver, store: this.store, ...options });
	}

	/** Runs from deadline to deadline for so many seconds. */
	run(duration_s: number): void {
		const end_ms = this.now_ms + duration_s * 1000;
		while (this.metrology.deadline_ms <= end_ms) {
			this.#moveTo(Math.max(this.now_ms, this.metrology.deadline_ms));
			this.metrology.run(this.now_ms);
		}
		this.#moveTo(end_ms);
	}

	/** Runs until the end of the next interval. */
	runToInterval(): void {
		const { sequence } = this.metrology;
		for (let n = 0; n < 1000 && this.metrology.sequence === sequence; n++) {
			this.#moveTo(Math.max(this.now_ms, this.metrology.deadline_ms));
			this.metrology.run(this.now_ms);
		}
	}

	/** Time passes while the processor does something else. */
	stall(duration_s: number): void {
		this.#moveTo(this.now_ms + duration_s * 1000);
	}

	#moveTo(now_ms: number): void {
		this.now_ms = now_ms;
		this.grid.advanceTo(now_ms / 1000);
		this.chip.advanceTo(now_ms / 1000);
	}
}
