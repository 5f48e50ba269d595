// SPDX-License-Identifier: Apache-2.0
import type { InputsOutputs } from "../../io/inputs-outputs.js";
import { relayEvent } from "../../io/load-relays.js";
import { relayOptions } from "../../io/relay-record.js";
import { optionBit } from "../../models/model.js";
import { inputCount, outputCount } from "../../ports/io-pins.js";
import { access } from "../access.js";
import type { Application } from "../application.js";
import { type DataSpec, data } from "../classes/data.js";
import { type DisconnectControlSpec, disconnectControl } from "../classes/disconnect-control.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { scriptTable } from "../classes/script-table.js";
import {
	decodeBoolean,
	decodeDoubleLongUnsigned,
	decodeEnum,
	decodeLongUnsigned,
	decodeStructure,
	decodeUnsigned,
	encodeBits,
	encodeBoolean,
	encodeDoubleLongUnsigned,
	encodeEnum,
	encodeLongUnsigned,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import type { Writer } from "../codec/writer.js";
import type { Call, CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { dataAccessResult } from "../result.js";
import {
	readRelayScripts,
	relayNames,
	relayScripts,
	switchRelay,
	writeRelayScripts,
} from "../scripts/relay-scripts.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByManagement } from "./rights.js";

const onOrder: Presence = Object.freeze({ options: optionBit.io });

const relayRights = access({
	management: "R*;W4;A1,2",
	reader: "R*",
	technician: "R*",
	consumer: "R*",
	metrology: "R*",
});
const scriptRights = access({ management: "R*;W2;A1", reader: "R*", technician: "R*", metrology: "R*" });

function ioOf({ io }: Application): InputsOutputs {
	return io!;
}

const relay: DisconnectControlSpec = {
	index: 0,
	isConnected: (application, n) => ioOf(application).relays.isClosed(n),
	state: (application, n) => ioOf(application).relays.state(n),
	mode: (application, n) => ioOf(application).relays.mode(n),
	command: (application, trigger, n) => ioOf(application).relays.command(n, trigger),
	setMode: (application, mode, n) => ioOf(application).relays.setMode(n, mode),
	event: relayEvent,
};

/** The result of a SET that is stored or refused. */
function changed(isDone: boolean, { application }: Call): number {
	if (!isDone) return dataAccessResult.otherReason;
	application.parameterChanged();
	return dataAccessResult.success;
}

const stateBits = 8;

/** Bit 0 comes first on the wire. */
function encodeState(w: Writer, state: number): void {
	let reversed = 0;
	for (let bit = 0; bit < stateBits; bit++) if ((state & (1 << bit)) !== 0) reversed |= 1 << (stateBits - 1 - bit);
	encodeBits(w, reversed, stateBits);
}

const input: DataSpec = {
	value(w, { application }, n) {
		const { settings } = ioOf(application);
		encodeStructure(w, 4);
		encodeEnum(w, settings.inputFunction(n));
		encodeBoolean(w, settings.isInputInverted(n));
		encodeLongUnsigned(w, settings.debounce_ms(n));
		encodeUnsigned(w, settings.inputEvent(n));
	},
	setValue(r, call, n) {
		decodeStructure(r, 4);
		const wanted = decodeEnum(r);
		const isInverted = decodeBoolean(r);
		const debounce_ms = decodeLongUnsigned(r);
		return changed(ioOf(call.application).setInput(n, wanted, isInverted, debounce_ms, decodeUnsigned(r)), call);
	},
};

const output: DataSpec = {
	value(w, { application }, n) {
		const { settings } = ioOf(application);
		encodeStructure(w, 3);
		encodeEnum(w, settings.outputFunction(n));
		encodeBoolean(w, settings.isOutputInverted(n));
		encodeLongUnsigned(w, settings.ownPulse_ms(n));
	},
	setValue(r, call, n) {
		decodeStructure(r, 3);
		const wanted = decodeEnum(r);
		const isInverted = decodeBoolean(r);
		return changed(ioOf(call.application).setOutput(n, wanted, isInverted, decodeLongUnsigned(r)), call);
	},
};

const pulses: RegisterSpec = {
	value: (w, { application }, n) => encodeDoubleLongUnsigned(w, ioOf(application).inputs.count(n)),
	scaler: 0,
	unit: unit.none,
};

const inputConstant: RegisterSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, ioOf(application).settings.inputConstant),
	scaler: 0,
	unit: unit.perWattHour,
	setValue: (r, call) => changed(ioOf(call.application).setInputConstant(decodeDoubleLongUnsigned(r)), call),
};

const pulseDuration: RegisterSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, ioOf(application).settings.pulseDuration_ms),
	scaler: -3,
	unit: unit.second,
	setValue: (r, call) => changed(ioOf(call.application).setPulseDuration(decodeLongUnsigned(r)), call),
};

/** Impulses per kWh (0), kvarh (1), kVAh (2) of the outputs. */
const outputConstant = {
	value: (w: Writer, { application }: Call, kind: number) =>
		encodeDoubleLongUnsigned(w, ioOf(application).settings.constant(kind)),
	scaler: -3,
	setValue: (r, call, kind) => changed(ioOf(call.application).setConstant(kind, decodeDoubleLongUnsigned(r)), call),
} satisfies Omit<RegisterSpec, "unit">;

function each(count: number, row: (n: number) => CosemObject): CosemObject[] {
	return Array.from({ length: count }, (_, n) => row(n));
}

export const ioObjects: readonly CosemObject[] = Object.freeze([
	object(
		data,
		"0-0:96.3.1.255",
		readByStaff,
		{
			value: (w, { application }) => encodeState(w, ioOf(application).inputs.state),
		} satisfies DataSpec,
		onOrder,
	),
	object(
		data,
		"0-0:96.3.2.255",
		readByStaff,
		{
			value: (w, { application }) => encodeState(w, ioOf(application).outputState),
		} satisfies DataSpec,
		onOrder,
	),
	...relayNames.map((name, index) =>
		object(disconnectControl, name, relayRights, { ...relay, index }, { options: relayOptions[index]! }),
	),
	object(
		scriptTable,
		"0-0:10.0.103.255",
		scriptRights,
		{ scripts: relayScripts, written: readRelayScripts, perform: switchRelay, write: writeRelayScripts },
		onOrder,
	),
	...each(inputCount, (index) =>
		object(data, `0-0:96.51.${1 + index}.255`, writtenByManagement, { ...input, index }, onOrder),
	),
	...each(outputCount, (index) =>
		object(data, `0-0:96.51.${11 + index}.255`, writtenByManagement, { ...output, index }, onOrder),
	),
	...each(inputCount, (index) =>
		object(register, `0-0:96.51.${21 + index}.255`, readByStaff, { ...pulses, index }, onOrder),
	),
	object(register, "1-0:0.7.0.255", writtenByManagement, inputConstant, onOrder),
	object(register, "1-0:0.9.8.255", writtenByManagement, pulseDuration, onOrder),
	...[unit.perWattHour, unit.perVarHour, unit.perVoltAmpereHour].map((of, index) =>
		object(register, `1-0:0.3.${3 + index}.255`, writtenByManagement, { ...outputConstant, unit: of, index }, onOrder),
	),
]);
