// SPDX-License-Identifier: Apache-2.0
import { controlTrigger } from "../../control/disconnect-transitions.js";
import type { SupplyControl } from "../../control/supply-control.js";
import { models, optionBit } from "../../models/model.js";
import { access } from "../access.js";
import type { Application } from "../application.js";
import { disconnectControlClass } from "../class-ids.js";
import { type DataSpec, data } from "../classes/data.js";
import { type DisconnectControlSpec, disconnectControl, logCommand, resultOf } from "../classes/disconnect-control.js";
import { scriptTable } from "../classes/script-table.js";
import { decodeBits, encodeBits, encodeDoubleLongUnsigned } from "../codec/axdr.js";
import type { CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { dataAccessResult } from "../result.js";
import { isOrder, mustRepeat, type Script, type ScriptCaller, scriptTrigger } from "../scripts/scripts.js";
import { readByStaff, writtenByManagement } from "./rights.js";
import { executes, scriptRights } from "./scripts.js";

/** The switch below the cover: only where the load current goes through the meter (F01). */
export const withSwitch: Presence = Object.freeze({
	models: models.reduce((mask, model) => (model.nominalRatio_A === 0 ? mask | model.bit : mask), 0),
	options: optionBit.disconnector,
});

const switchRights = access({
	management: "R*;W4;A1,2",
	reader: "R*",
	technician: "R*;A1,2",
	consumer: "R*",
	metrology: "R*",
});

function controlOf(application: Application): SupplyControl {
	return application.supplyControl!;
}

/** Remote disconnection and reconnection. */
function remoteEvent(trigger: number): number {
	return trigger === remoteDisconnect ? 62 : 63;
}

const mainSwitch: DisconnectControlSpec = {
	index: 0,
	isConnected: (application) => controlOf(application).isConnected,
	state: (application) => controlOf(application).state,
	mode: (application) => controlOf(application).record.mode,
	command: (application, trigger) => controlOf(application).command(trigger),
	setMode: (application, mode) => controlOf(application).setMode(mode),
	event: remoteEvent,
	buttonServed: (application) => controlOf(application).buttonServed(),
};

const switchName = "0-0:96.3.10.255";

/** By a client or a schedule it is a remote command, by a function of the meter a local one. */
function command(application: Application, caller: ScriptCaller, remote: number, local: number): number {
	const trigger = caller.trigger === scriptTrigger.local ? local : remote;
	if (trigger === remoteDisconnect && mustRepeat(application, caller, 0)) return dataAccessResult.temporaryFailure;
	const control = controlOf(application);
	const result = resultOf(isOrder(caller) ? control.order(trigger) : control.command(trigger));
	if (result === dataAccessResult.success && (trigger === remoteDisconnect || trigger === remoteReconnect))
		logCommand(application, remoteEvent(trigger));
	return result;
}

const { remoteDisconnect, remoteReconnect, localDisconnect, localReconnect } = controlTrigger;

const switchScripts: readonly Script[] = [
	{
		id: 1,
		actions: [executes(disconnectControlClass, switchName, 1)],
		run: (application, caller) => command(application, caller, remoteDisconnect, localDisconnect),
	},
	{
		id: 2,
		actions: [executes(disconnectControlClass, switchName, 2)],
		run: (application, caller) => command(application, caller, remoteReconnect, localReconnect),
	},
	{ id: 3, actions: [], run: (application, caller) => command(application, caller, localDisconnect, localDisconnect) },
	{ id: 4, actions: [], run: (application, caller) => command(application, caller, localReconnect, localReconnect) },
];

const operations: DataSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, controlOf(application).record.operations),
};

const fraudCauses = 16;

const fraudMask: DataSpec = {
	value: (w, { application }) => encodeBits(w, controlOf(application).record.fraudMask, fraudCauses),
	setValue(r, { application }) {
		controlOf(application).setFraudMask(decodeBits(r, fraudCauses));
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

export const supplyObjects: readonly CosemObject[] = Object.freeze([
	object(disconnectControl, switchName, switchRights, mainSwitch, withSwitch),
	object(scriptTable, "0-0:10.0.106.255", scriptRights, { scripts: switchScripts }, withSwitch),
	object(data, "0-0:96.50.2.255", writtenByManagement, fraudMask, withSwitch),
	object(data, "0-0:96.50.6.255", readByStaff, operations, withSwitch),
]);
