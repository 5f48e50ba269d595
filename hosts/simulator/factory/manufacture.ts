// SPDX-License-Identifier: Apache-2.0

import { type SwitchingOrder, writeSwitchingOrder } from "../../../src/control/switching-order.js";
import { calibrationLayout } from "../../../src/drivers/calibrated-front-end.js";
import { type RelayOrder, writeRelayOrders } from "../../../src/io/relay-order.js";
import { writeCalibration } from "../../../src/metrology/calibration.js";
import { type MeasurementSettings, writeMeasurementSettings } from "../../../src/metrology/measurement-settings.js";
import type { ModelDescriptor } from "../../../src/models/model.js";
import type { Flash } from "../../../src/ports/flash.js";
import { type FlashLayout, flashLayout } from "../../../src/storage/layout.js";
import { RecordLog } from "../../../src/storage/record-log.js";
import { calibrateBoard } from "./calibrate.js";
import type { BoardTolerances } from "./tolerances.js";

const headerSize = 16;

/**
 * Whether the memory has never run a meter: its journal has no sector with a header. The factory writes no journal, so a
 * manufacture that was cut short is simply done again.
 */
export function isBlank(flash: Flash, size: FlashLayout["name"]): boolean {
	const { firstSector, sectorCount } = flashLayout(size).journal;
	const header = new Uint8Array(headerSize);
	for (let sector = firstSector; sector < firstSector + sectorCount; sector++) {
		flash.read(sector * flash.sectorSize, header);
		if (header.some((octet) => octet !== 0xff)) return false;
	}
	return true;
}

/**
 * What the factory does with a board before it becomes a meter: calibrates it and seals the result in its memory.
 * @param made_s when, seconds since 2000 UTC; 0 when not known
 * @throws CalibrationError when the board cannot be brought to its accuracy; DeviceError when the memory refuses
 */
export function installCalibration(
	flash: Flash,
	size: FlashLayout["name"],
	model: ModelDescriptor,
	tolerances: BoardTolerances,
	seed: number,
	made_s: number,
): void {
	const { firstSector, sectorCount } = flashLayout(size).parameters;
	const calibration = calibrateBoard(model, tolerances, seed);
	const parameters = new RecordLog(flash, firstSector, sectorCount);
	writeCalibration(parameters, calibrationLayout(model), { ...calibration, made_s });
}

/**
 * Seals how the meter makes registers out of what it measures.
 * @throws DeviceError when the memory refuses
 */
export function installSettings(
	flash: Flash,
	size: FlashLayout["name"],
	model: ModelDescriptor,
	settings: MeasurementSettings,
): void {
	const { firstSector, sectorCount } = flashLayout(size).parameters;
	writeMeasurementSettings(new RecordLog(flash, firstSector, sectorCount), model, settings);
}

/**
 * Seals what the relays were ordered for.
 * @throws DeviceError when the memory refuses
 */
export function installRelayOrders(flash: Flash, size: FlashLayout["name"], orders: readonly RelayOrder[]): void {
	const { firstSector, sectorCount } = flashLayout(size).parameters;
	writeRelayOrders(new RecordLog(flash, firstSector, sectorCount), orders);
}

/**
 * Seals what was ordered for the switch, and against the switching of many meters at once.
 * @throws DeviceError when the memory refuses
 */
export function installSwitchingOrder(flash: Flash, size: FlashLayout["name"], order: SwitchingOrder): void {
	const { firstSector, sectorCount } = flashLayout(size).parameters;
	writeSwitchingOrder(new RecordLog(flash, firstSector, sectorCount), order);
}
