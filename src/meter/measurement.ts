// SPDX-License-Identifier: Apache-2.0

import type { MeterClock } from "../clock/meter-clock.js";
import { calibrationLayout, createFrontEnd } from "../drivers/calibrated-front-end.js";
import { readCalibration } from "../metrology/calibration.js";
import type { FrontEnd } from "../metrology/front-end.js";
import { readLedConstants } from "../metrology/led-constant.js";
import { chipSources, type LedMeans, readLedSources } from "../metrology/led-source.js";
import { readMeasurementSettings } from "../metrology/measurement-settings.js";
import { Metrology } from "../metrology/metrology.js";
import { Sampling } from "../metrology/sampling/sampling.js";
import { SteadySource } from "../metrology/sampling/steady-source.js";
import type { Housing } from "../ports/housing.js";
import type { RecordStore } from "../storage/record-store.js";
import type { MeterPorts, MeterSettings } from "./meter-ports.js";

/**
 * From waveform block to waveform block: the board has other things to compute, and does a block in small pieces. The desktop
 * runs months in minutes: there the values of a block stand for the next ones as long as the mains do not move.
 */
const samplingOf = Object.freeze({
	board: Object.freeze({ period_ms: 12_000, isHasty: false }),
	desktop: Object.freeze({ period_ms: 3000, isHasty: true }),
});

/** What measurement is built on. */
export interface MeasurementParts {
	readonly journal: RecordStore;
	/** The sealed parameters. */
	readonly parameters: RecordStore;
	readonly housing: Housing;
	readonly clock: MeterClock;
}

/** The chip with its registers, and the waveform blocks where there are samples. */
export interface Measurement {
	readonly metrology: Metrology;
	readonly frontEnd: FrontEnd;
	readonly sampling: Sampling | undefined;
	/** When the meter was calibrated; `undefined` where it never was or does not know. */
	readonly calibrated_s: number | undefined;
	/** Whether the calibration is sound. */
	readonly isCalibrated: boolean;
}

/**
 * Opens the legally relevant part as its sealed parameters have it. A parameter that is corrupt stops measurement: a meter that
 * counts nothing is found at once, one that counts wrongly is not.
 */
export function openMeasurement(ports: MeterPorts, settings: MeterSettings, parts: MeasurementParts): Measurement {
	const { model, size } = settings;
	const { journal, parameters, housing, clock } = parts;
	const calibration = readCalibration(parameters, calibrationLayout(model));
	const isCalibrated = typeof calibration !== "string";
	const ledConstants = readLedConstants(parameters, model);
	const registration = readMeasurementSettings(parameters, model);
	if (!isCalibrated) ports.log.write("error", "metrology", `calibration ${calibration}: stopped`);
	if (ledConstants === undefined) ports.log.write("error", "metrology", "led constant corrupt: stopped");
	if (registration === undefined) ports.log.write("error", "metrology", "settings corrupt: stopped");
	const means: LedMeans = {
		isArithmetic: registration?.summation === "arithmetic",
		isVectorial: registration?.apparentMethod === "vectorial",
		leds: ports.leds,
	};
	const ledSources = readLedSources(parameters, means);
	const frontEnd = createFrontEnd(
		{ spi: ports.frontEnd, irq0: ports.irq0, irq1: ports.irq1, stillness: ports.stillness },
		model,
		registration === undefined ? "corrupt" : calibration,
		ledConstants,
		chipSources(ledSources, means),
	);
	const metrology = new Metrology({
		model,
		frontEnd,
		store: journal,
		sealed: parameters,
		settings: registration,
		housing,
		leds: ports.leds,
		ledSources,
	});
	metrology.restore();
	const blocks = frontEnd.createBlockSource?.(ports.samples);
	const mayStand = blocks !== undefined && size === "desktop" && frontEnd.movements !== undefined;
	const source = mayStand ? new SteadySource(blocks, { frontEnd, view: metrology }) : blocks;
	const sampling = source === undefined ? undefined : new Sampling({ model, source, ...samplingOf[size], clock });
	sampling?.addListener(metrology.selfCheck);
	const calibrated_s = !isCalibrated || calibration.made_s === 0 ? undefined : calibration.made_s;
	return { metrology, frontEnd, sampling, calibrated_s, isCalibrated };
}
