// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { calibrateBoard } from "../../../../hosts/simulator/factory/calibrate.js";
import { type Bench, perform } from "../../../../hosts/simulator/factory/perform.js";
import { SimulatedBench } from "../../../../hosts/simulator/factory/simulated-bench.js";
import {
	type BoardTolerances,
	drawTolerances,
	noTolerances,
	spread,
} from "../../../../hosts/simulator/factory/tolerances.js";
import { ade7953Calibration } from "../../../../src/drivers/ade7953-calibration.js";
import { ade9000Calibration } from "../../../../src/drivers/ade9000-calibration.js";
import { calibrationLayout } from "../../../../src/drivers/calibrated-front-end.js";
import { CalibrationError, type TestLoad } from "../../../../src/factory/bench.js";
import { phaseCoefficient } from "../../../../src/factory/calibrate-ade9000.js";
import { calibrationProcedure } from "../../../../src/factory/calibration-procedure.js";
import { decodeCalibration, encodeCalibration } from "../../../../src/metrology/calibration.js";
import { type ModelDescriptor, models, sm402d, st402c, st402d } from "../../../../src/models/model.js";

const degrees_perMicrosecond = 360 * 50e-6;

/** Responses of the chips at 50 Hz: pass band of symmetrical taps, and a first-order high-pass of 0.625 Hz. */
const pass = {
	ADE9000: filterOf([-0.026761, 0.091175, 0.871172], 8000),
	ADE7953: filterOf([0.265728, 0.468544], 6992.1875),
};

function filterOf(halfTaps: readonly number[], rate_Hz: number): number {
	const omega = (2 * Math.PI * 50) / rate_Hz;
	const centre = halfTaps.length - 1;
	const band = halfTaps.reduce(
		(sum, tap, n) => sum + (n === centre ? tap : 2 * tap * Math.cos((centre - n) * omega)),
		0,
	);
	return band / Math.hypot(1, 0.625 / 50);
}

function benchOf(model: ModelDescriptor, tolerances: BoardTolerances, seed = 1): SimulatedBench {
	return new SimulatedBench(model, { seed, noise: true, gear: "phasor", tolerances });
}

function near(value: number, wanted: number, limit: number, what: string): void {
	assert.ok(Math.abs(value - wanted) <= limit, `${what}: ${value} for ${wanted}`);
}

describe("hosts/simulator/factory/tolerances", () => {
	it("draws the same board from the same seed, others from others, all within the spread", () => {
		for (const model of models) {
			assert.deepEqual(drawTolerances(model, 7), drawTolerances(model, 7));
			const gains = new Set<number>();
			for (let seed = 0; seed < 50; seed++) {
				const { channels, crystal_ppm } = drawTolerances(model, seed);
				assert.ok(Math.abs(crystal_ppm) <= spread.crystal_ppm);
				for (const { gain, delay_us, offset } of channels) {
					gains.add(gain!);
					assert.ok(Math.abs(gain!) <= spread.gain && Math.abs(offset!) <= spread.offset);
					assert.ok(Math.abs(delay_us!) <= spread.currentDelay_us);
				}
			}
			assert.equal(gains.size, 350);
		}
	});
});

describe("hosts/simulator/factory/calibrate", () => {
	it("turns phase errors by the data sheet's figures: -1° is -24 412 285, +0.1° is +3 051 152", () => {
		assert.equal(phaseCoefficient(-Math.PI / 180, 50), -24_412_285);
		assert.equal(phaseCoefficient((0.1 * Math.PI) / 180, 50), 3_051_152);
	});

	for (const model of [st402d, st402c]) {
		it(`F18 ${model.name}: finds the errors that the board was given`, () => {
			for (const seed of [1, 2, 3]) {
				const { channels, crystal_ppm } = drawTolerances(model, seed);
				const { values } = calibrateBoard(model, { channels, crystal_ppm }, seed);
				const { phases, neutralGain } = ade9000Calibration(values);
				phases.forEach((phase, p) => {
					const voltage = 1 / (1 + channels[p]!.gain!) / pass.ADE9000;
					const current = 1 / (1 + channels[3 + p]!.gain!) / pass.ADE9000;
					near(1 + phase.voltageGain / 2 ** 27, voltage, 2e-5, "voltage gain");
					near(1 + phase.currentGain / 2 ** 27, current, 2e-5, "current gain");
					// What is left for the power gain is the crystal, and half the square of the phase error nowhere.
					near(phase.powerGain / 2 ** 27, -crystal_ppm * 1e-6, 1e-5, "power gain");
					const lag_deg = (channels[3 + p]!.delay_us! - channels[p]!.delay_us!) * degrees_perMicrosecond;
					near(phase.phase, phaseCoefficient((lag_deg * Math.PI) / 180, 50), 3.05e4, "phase, to 0.001°");
					// Noise of -96 dB of full scale, squared, over 2^15.
					near(phase.currentRms1012Offset, -((52_702_092 * 10 ** (-96 / 20)) ** 2) / 2 ** 15, 3.5, "RMS offset");
				});
				near(1 + neutralGain / 2 ** 27, 1 / (1 + channels[6]!.gain!) / pass.ADE9000, 2e-5, "neutral gain");
			}
		});
	}

	it("F18 SM402D: finds the errors that the board was given", () => {
		for (const seed of [1, 2, 3]) {
			const { channels, crystal_ppm } = drawTolerances(sm402d, seed);
			const calibration = calibrateBoard(sm402d, { channels, crystal_ppm }, seed);
			const values = ade7953Calibration(calibration.values);
			const gainOf = (c: number) => 0x40_0000 / (1 + channels[c]!.gain!) / pass.ADE7953;
			near(values.voltageGain, gainOf(0), 100, "voltage gain");
			near(values.currentGain, gainOf(3), 100, "current gain");
			near(values.neutralGain, gainOf(6), 100, "neutral gain");
			const steps = (channels[3]!.delay_us! - channels[0]!.delay_us!) / 1.117;
			near(values.delay, -steps, 0.55, "phase steps");
			const noise = 9_032_007 * 10 ** (-74 / 20) * (values.currentGain / 0x40_0000) * pass.ADE7953;
			near(values.currentRmsOffset, -(noise ** 2) / 2 ** 12, 20, "RMS offset");
			assert.equal(calibration.unitNumerator, 1443 * 2 ** 20);
		}
	});

	it("gives a board without errors nothing but what its filters need", () => {
		const { values } = calibrateBoard(st402d, noTolerances, 1);
		for (const { voltageGain, currentGain, phase, powerGain } of ade9000Calibration(values).phases) {
			near(1 + voltageGain / 2 ** 27, 1 / pass.ADE9000, 1e-5, "voltage gain");
			near(1 + currentGain / 2 ** 27, 1 / pass.ADE9000, 1e-5, "current gain");
			near(phase, 0, 3e4, "phase");
			near(powerGain / 2 ** 27, 0, 1e-5, "power gain");
		}
	});

	it("makes records that the meter accepts, the same for the same seed", () => {
		for (const model of models) {
			const layout = calibrationLayout(model);
			const bytes = encodeCalibration(layout, calibrateBoard(model, drawTolerances(model, 11), 11));
			assert.deepEqual(encodeCalibration(layout, calibrateBoard(model, drawTolerances(model, 11), 11)), bytes);
			assert.notEqual(decodeCalibration(layout, bytes, bytes.length), undefined);
		}
	});

	it("works at 60 Hz and at 110 V", () => {
		for (const model of models) {
			const other: ModelDescriptor = { ...model, nominalFrequency_Hz: 60, nominalVoltage_V: 110 };
			calibrateBoard(other, drawTolerances(other, 3), 3);
		}
	});

	it("refuses a board with the wrong burden, saying which channel", () => {
		for (const model of models) {
			const channels = drawTolerances(model, 1).channels.map((t, c) => (c === 3 ? { ...t, gain: -0.5 } : t));
			assert.throws(
				() => calibrateBoard(model, { channels, crystal_ppm: 0 }, 1),
				(error) => error instanceof CalibrationError && /current/.test(error.message),
			);
		}
	});

	/** The wiring that turns each phase's current by so many degrees. */
	class Rewired implements Bench {
		readonly #bench: SimulatedBench;
		readonly #turn_deg: number;

		constructor(bench: SimulatedBench, turn_deg: number) {
			this.#bench = bench;
			this.#turn_deg = turn_deg;
		}

		get spi() {
			return this.#bench.spi;
		}

		outputError(load: TestLoad) {
			return this.#bench.outputError(load);
		}

		apply(load: TestLoad): void {
			this.#bench.apply({ ...load, angle_deg: load.angle_deg + this.#turn_deg });
		}

		wait(duration_s: number): void {
			this.#bench.wait(duration_s);
		}
	}

	it("F18 takes out crosstalk from voltage to current by the power offset", () => {
		const crosstalk_A = 0.001;
		for (const model of models) {
			const simulated = benchOf(model, noTolerances);
			const bench: Bench = {
				spi: simulated.spi,
				outputError: (load) => simulated.outputError(load),
				wait: (duration_s) => simulated.wait(duration_s),
				apply(load) {
					const angle = (load.angle_deg * Math.PI) / 180;
					const re = load.current_A * Math.cos(angle) + crosstalk_A;
					const im = load.current_A * Math.sin(angle);
					const angle_deg = (Math.atan2(im, re) * 180) / Math.PI;
					simulated.apply({ ...load, current_A: Math.hypot(re, im), angle_deg });
				},
			};
			const { values } = perform(bench, calibrationProcedure(bench.spi, model));
			const offset_W = -model.nominalVoltage_V * crosstalk_A;
			const { voltageFullScale_mV, currentFullScale_mA } = model.board;
			const fullScale_W = (voltageFullScale_mV * currentFullScale_mA) / 1e6;
			if (model === sm402d) {
				const wanted = (offset_W / fullScale_W) * 4_862_401 * 512;
				near(ade7953Calibration(values).activeOffset, wanted, 0.15 * Math.abs(wanted), "active offset");
				continue;
			}
			for (const { activeOffset } of ade9000Calibration(values).phases) {
				const wanted = (offset_W / fullScale_W) * 20_694_066;
				near(activeOffset, wanted, 0.05 * Math.abs(wanted), "active offset");
			}
		}
	});

	it("refuses reversed and exchanged current transformers", () => {
		for (const model of models) {
			for (const turn_deg of [180, 120, -120]) {
				const bench = new Rewired(benchOf(model, drawTolerances(model, 1)), turn_deg);
				assert.throws(() => perform(bench, calibrationProcedure(bench.spi, model)), CalibrationError);
			}
		}
	});

	it("refuses a dead chip in bounded time", () => {
		for (const model of models) {
			for (const level of [0x00, 0xff]) {
				const simulated = benchOf(model, noTolerances);
				const spi = { transfer: (frame: Uint8Array) => void frame.fill(level) };
				const bench: Bench = {
					spi,
					outputError: (load) => simulated.outputError(load),
					apply: (load) => simulated.apply(load),
					wait: (duration_s) => simulated.wait(duration_s),
				};
				assert.throws(() => perform(bench, calibrationProcedure(bench.spi, model)), CalibrationError);
			}
		}
	});
});
