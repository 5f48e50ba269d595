// SPDX-License-Identifier: Apache-2.0
import Timer from "timer";
import { calibrationLayout } from "../../src/drivers/calibrated-front-end.js";
import { CalibrationDialogue } from "../../src/factory/calibration-dialogue.js";
import { readCalibration } from "../../src/metrology/calibration.js";
import type { ModelDescriptor } from "../../src/models/model.js";
import { housingSignal } from "../../src/ports/housing.js";
import { flashLayout } from "../../src/storage/layout.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { Ds3231 } from "./adapters/ds3231.js";
import { HousingPins } from "./adapters/housing-pins.js";
import { MonotonicClock } from "./adapters/monotonic-clock.js";
import { PartitionFlash } from "./adapters/partition-flash.js";
import { SerialLink } from "./adapters/serial-link.js";
import { SpiBusDevice } from "./adapters/spi-bus-device.js";
import { meterPartition, wiring } from "./wiring.js";

/** Longest sleep: the tick counter must not wrap unseen. */
const longestWait_ms = 1000;
/** The longest answer, several lines, in one piece. */
const serialQueueSize = 512;
const programmingBaud = 115_200;

/** Stands in the place of the meter while the board is at its calibration bench: an operator at the programming port. */
export class CalibrationHost {
	readonly #clock = new MonotonicClock();
	readonly #link: SerialLink;
	readonly #dialogue: CalibrationDialogue;
	readonly #timer: Timer;

	/** @param parameters records of the board, where the result is sealed */
	constructor(model: ModelDescriptor, parameters: RecordLog) {
		const rtc = new Ds3231(wiring.clock);
		this.#link = new SerialLink({
			...wiring.programming,
			baud: programmingBaud,
			format: "8N1",
			queueSize: serialQueueSize,
			clock: this.#clock,
			onActivity: () => this.schedule(),
		});
		this.#dialogue = new CalibrationDialogue(this.#link, {
			spi: new SpiBusDevice(wiring.frontEnd),
			model,
			parameters,
			now_s: () => rtc.utc_s() ?? 0,
		});
		this.#link.attach(this.#dialogue);
		this.#timer = Timer.set(() => this.turn(), 0, longestWait_ms);
	}

	private turn(): void {
		const now_ms = this.#clock.update();
		this.#dialogue.advance(now_ms);
		this.#link.advance(now_ms);
		this.schedule();
	}

	private schedule(): void {
		if (this.#timer === undefined) return; // still being built: the first turn comes at once
		const now_ms = this.#clock.monotonic_ms();
		const next_ms = Math.min(this.#dialogue.nextDeadline_ms, this.#link.nextDeadline_ms, now_ms + longestWait_ms);
		Timer.schedule(this.#timer, Math.max(next_ms - now_ms, 0), longestWait_ms);
	}
}

/**
 * The calibration bench, when the board is on one: its factory link is closed, and it either has no sound calibration or
 * its service button is held down while it starts. Undefined otherwise: the board is a meter.
 * @throws DeviceError("flash", …) when the memory does not answer
 */
export function atCalibrationBench(model: ModelDescriptor): CalibrationHost | undefined {
	const housing = new HousingPins(wiring.housing);
	const signals = housing.signals();
	housing.close();
	if ((signals & housingSignal.factoryLink) === 0) return undefined;
	const { firstSector, sectorCount } = flashLayout("board").parameters;
	const flash = new PartitionFlash(meterPartition);
	const parameters = new RecordLog(flash, firstSector, sectorCount);
	const isCalibrated = typeof readCalibration(parameters, calibrationLayout(model)) !== "string";
	if (!isCalibrated || (signals & housingSignal.serviceButton) !== 0) return new CalibrationHost(model, parameters);
	flash.close();
	return undefined;
}
