// SPDX-License-Identifier: Apache-2.0
/// <reference path="../../../hosts/esp32/types/moddable.d.ts" />
import assert from "node:assert/strict";
import "./sdk/install.js";
import { calibrateBoard } from "../../../hosts/simulator/factory/calibrate.js";
import { SimulatedBench } from "../../../hosts/simulator/factory/simulated-bench.js";
import { noTolerances } from "../../../hosts/simulator/factory/tolerances.js";
import { MemoryFlash } from "../../../hosts/simulator/storage/memory-flash.js";
import { calibrationLayout } from "../../../src/drivers/calibrated-front-end.js";
import { writeCalibration } from "../../../src/metrology/calibration.js";
import { st402d } from "../../../src/models/model.js";
import { flashLayout } from "../../../src/storage/layout.js";
import { RecordLog } from "../../../src/storage/record-log.js";
import FakeDigitalBank from "./sdk/digitalbank.js";
import storage from "./sdk/flash.js";
import FakeSerial from "./sdk/serial.js";
import FakeSpi from "./sdk/spi.js";
import Time from "./sdk/time.js";
import FakeTimer from "./sdk/timer.js";

const { atCalibrationBench } = await import("../../../hosts/esp32/calibration-host.js");
const { wiring } = await import("../../../hosts/esp32/wiring.js");

const { parameters, sectorCount } = flashLayout("board");
const factoryLink = 1 << wiring.housing.factoryLink;
const serviceButton = 1 << wiring.housing.serviceButton;

/** The content of a board's partition: blank, or with a sound calibration. */
function partition(isCalibrated: boolean): Uint8Array {
	const flash = new MemoryFlash(sectorCount);
	if (isCalibrated) {
		const records = new RecordLog(flash, parameters.firstSector, parameters.sectorCount);
		writeCalibration(records, calibrationLayout(st402d), calibrateBoard(st402d, noTolerances, 1));
	}
	const content = new Uint8Array(sectorCount * flash.sectorSize);
	flash.read(0, content);
	return content;
}

function startWith(closed: number, isCalibrated: boolean) {
	FakeDigitalBank.closed = closed;
	storage.content = partition(isCalibrated);
	return atCalibrationBench(st402d);
}

describe("hosts/esp32/calibration-host", () => {
	beforeEach(() => {
		Time.ticks = 0;
		FakeSerial.opened.length = 0;
		FakeTimer.running.clear();
	});
	afterEach(() => {
		FakeDigitalBank.closed = 0;
		storage.content = undefined;
		FakeSpi.part = undefined;
		FakeTimer.running.clear();
	});

	it("F18: a board is on its bench only with the factory link closed, and without calibration or with the button held", () => {
		for (const [closed, isCalibrated, isOnBench] of [
			[0, false, false],
			[serviceButton, false, false],
			[factoryLink, false, true],
			[factoryLink, true, false],
			[factoryLink | serviceButton, true, true],
		] as const) {
			assert.equal(startWith(closed, isCalibrated) !== undefined, isOnBench, `${closed} ${isCalibrated}`);
			assert.equal(FakeTimer.running.size, isOnBench ? 1 : 0);
			FakeTimer.running.clear();
		}
	});

	it("F18: talks at the programming port, and measures by the timers of the board", () => {
		const bench = new SimulatedBench(st402d, { seed: 1, noise: true, gear: "phasor", tolerances: noTolerances });
		FakeSpi.part = bench.spi;
		startWith(factoryLink, false);
		const uart = FakeSerial.opened.at(-1)!;
		assert.equal(uart.baud, 115_200);
		const run = (seconds: number) => {
			for (let n = 0; n < seconds * 10; n++) {
				uart.drain();
				FakeTimer.run(100, (ms) => bench.wait(ms / 1000));
			}
		};
		const said = () => Buffer.from(uart.sent).toString("latin1").trimEnd().split("\r\n");
		run(1);
		assert.equal(said()[0], "sx402 ST402D: calibration missing");
		uart.receive(...Buffer.from("start\r"));
		run(1);
		assert.equal(said().at(-2), "Set 230 V, 0 A, in phase.");
		bench.apply({ voltage_V: 230, current_A: 0, angle_deg: 0 });
		uart.receive(0x0d);
		run(5);
		assert.equal(said().at(-2), "Set 230 V, 5 A, in phase.", "the chip has started");
		bench.apply({ voltage_V: 230, current_A: 5, angle_deg: 0 });
		uart.receive(0x0d);
		run(10);
		assert.equal(said().at(-2), "Set 230 V, 5 A, 60 deg lagging.", "RMS has been measured");
	});
});
