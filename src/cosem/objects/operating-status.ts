// SPDX-License-Identifier: Apache-2.0
import { condition } from "../../events/event-codes.js";
import { fraudCause } from "../../events/fraud-kinds.js";
import { housingSignal } from "../../ports/housing.js";
import { coil } from "../../ports/supply-switch.js";
import type { Application } from "../application.js";
import { type DataSpec, data } from "../classes/data.js";
import { statusMapping } from "../classes/status-mapping.js";
import { encodeFlags } from "../codec/flags.js";
import type { Writer } from "../codec/writer.js";
import type { Call, CosemObject } from "../model.js";
import { object } from "../object.js";
import { readByStaff } from "./rights.js";

/** Bit of the error object: memory. */
const memoryError = 1 << 10;
const wordLength = 32;

function hasVoltage({ metrology, model }: Application, phase: number): boolean {
	return phase <= model.phases && metrology.voltage_mV(phase) > 0;
}

/** In the order of object model 6.5; what this meter cannot have is 0. */
function encodeGlobal(w: Writer, { application }: Call): void {
	const { metrology, clock, events, fraud, housing, limits, powerQuality, push, supplyControl } = application;
	const signals = housing.signals();
	const flags = [
		hasVoltage(application, 1),
		hasVoltage(application, 2),
		hasVoltage(application, 3),
		false, // works from its battery
		metrology.isTestMode,
		(signals & housingSignal.factoryLink) !== 0,
		application.isCalibrated,
		!events.alarms.isActive(condition.measurementFault),
		(events.alarms.error & memoryError) === 0,
		clock.isValid,
		clock.isDaylightSaving(clock.utc_s()),
		supplyControl?.isConnected,
		limits?.isExceeded,
		limits !== undefined && (limits.isEmergency(0) || limits.isEmergency(1)),
		false, // prepayment
		false, // emergency credit
		false, // modem
		push.address !== 0,
		false, // image transfer
		false, // image pending
		false, // M-Bus channels 1 to 4
		false,
		false,
		false,
		(signals & housingSignal.terminalCoverOpen) === 0,
		(signals & housingSignal.meterCoverOpen) === 0,
		(signals & housingSignal.magneticField) !== 0,
		fraud.isActive(fraudCause.electromagneticField),
		!fraud.isActive(fraudCause.neutralInterruption),
		!powerQuality.supervision.isSequenceReversed,
	];
	encodeFlags(w, flags, wordLength);
}

/** What the links do; the bits are told in docs/decisions/0030. */
const communication: DataSpec = {
	value(w, { application }) {
		const { clientEvents, events, fraud, push } = application;
		const { alarms } = events;
		const flags = [
			push.address !== 0,
			push.isInstalled,
			clientEvents.sessions("ip") > 0,
			clientEvents.sessions("optical") > 0,
			clientEvents.sessions("rs485") > 0,
			push.isPending,
			(alarms.descriptor(1) | alarms.descriptor(2) | alarms.descriptor(3)) !== 0,
			fraud.isAuthorisationFailing,
		];
		encodeFlags(w, flags, wordLength);
	},
};

function isRelayClosed({ io }: Application, n: number): boolean {
	return io?.relays.isFitted(n) === true && io.relays.isClosed(n);
}

/** Drive and contacts of the switch, relays, supply; as `communication`. */
const controlSignals: DataSpec = {
	value(w, { application }) {
		const { supplyControl } = application;
		const flags = [
			supplyControl?.coil === coil.open,
			supplyControl?.coil === coil.close,
			supplyControl?.isBusy,
			supplyControl?.isConnected,
			supplyControl?.isLoadSideFed,
			supplyControl?.record.hasFailed,
			isRelayClosed(application, 0),
			isRelayClosed(application, 1),
			isRelayClosed(application, 2),
			hasVoltage(application, 1) || hasVoltage(application, 2) || hasVoltage(application, 3),
		];
		encodeFlags(w, flags, 16);
	},
};

/** Reference table: the operating status of this family, entry n for bit n (object model 6.5). */
const operatingStatusTable = 1;

/** What the meter does at this moment. */
export const operatingStatusObjects: readonly CosemObject[] = Object.freeze([
	object(data, "0-0:96.5.0.255", readByStaff, { value: encodeGlobal }),
	object(data, "0-0:96.5.2.255", readByStaff, communication),
	object(data, "0-0:96.4.0.255", readByStaff, controlSignals),
	object(statusMapping, "0-0:96.50.10.255", readByStaff, {
		statusWord: encodeGlobal,
		table: operatingStatusTable,
		firstEntry: 0,
	}),
]);
