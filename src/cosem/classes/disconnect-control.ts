// SPDX-License-Identifier: Apache-2.0

import { controlOutcome } from "../../control/control-outcome.js";
import { controlTrigger } from "../../control/disconnect-transitions.js";
import { eventLog } from "../../events/event-sink.js";
import { housingSignal } from "../../ports/housing.js";
import type { Application } from "../application.js";
import { disconnectControlClass } from "../class-ids.js";
import { decodeEnum, decodeInteger, encodeBoolean, encodeEnum } from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import { type Call, clientIndex, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

export interface DisconnectControlSpec {
	/** Which of the relays, 0-based; 0 for the supply switch. */
	readonly index: number;
	isConnected(application: Application, index: number): boolean;
	/** One of `controlState`. */
	state(application: Application, index: number): number;
	mode(application: Application, index: number): number;
	/** @param trigger one of `controlTrigger` @returns one of `controlOutcome`. @throws DeviceError, with nothing changed */
	command(application: Application, trigger: number, index: number): number;
	setMode(application: Application, mode: number, index: number): number;
	/** Code of the disconnector log for a remote command; under it the configuration log keeps who gave it (SEC-mass). */
	event(trigger: number, index: number): number;
	/** A technician has used the button's leave. */
	buttonServed?(application: Application): void;
}

/** What a client is told of `controlOutcome`. */
export function resultOf(outcome: number): number {
	if (outcome === controlOutcome.success) return dataAccessResult.success;
	return outcome === controlOutcome.notNow ? dataAccessResult.temporaryFailure : dataAccessResult.otherReason;
}

/** A technician switches only while the service button is held. */
function command(trigger: number, r: Reader, { application, association }: Call, spec: DisconnectControlSpec): number {
	decodeInteger(r);
	// a script of the meter itself has no association
	if ((association as Call["association"] | undefined)?.client.index === clientIndex.technician) {
		if ((application.housing.signals() & housingSignal.serviceButton) === 0) return dataAccessResult.readWriteDenied;
		spec.buttonServed?.(application);
	}
	const result = resultOf(spec.command(application, trigger, spec.index));
	if (result === dataAccessResult.success) logCommand(application, spec.event(trigger, spec.index));
	return result;
}

/** Notes who has given a remote command. A schedule or calendar has no client that could be named. */
export function logCommand(application: Application, code: number): void {
	if (application.events.current === undefined) return;
	application.events.event(eventLog.configuration, code);
	if (application.switching !== undefined) application.switching.isOverruled = true;
}

/** Disconnect control, class_id 70, version 1 (Blue Book 4.5.8). */
export const disconnectControl = defineClass<DisconnectControlSpec>({
	classId: disconnectControlClass,
	version: 1,
	attributes: [
		{
			id: 2,
			name: "outputState",
			encode: (w, { application }, spec) => encodeBoolean(w, spec.isConnected(application, spec.index)),
		},
		{
			id: 3,
			name: "controlState",
			encode: (w, { application }, spec) => encodeEnum(w, spec.state(application, spec.index)),
		},
		{
			id: 4,
			name: "controlMode",
			encode: (w, { application }, spec) => encodeEnum(w, spec.mode(application, spec.index)),
			set(r, call, spec) {
				const result = resultOf(spec.setMode(call.application, decodeEnum(r), spec.index));
				if (result === dataAccessResult.success) call.application.parameterChanged();
				return result;
			},
		},
	],
	methods: [
		{
			id: 1,
			name: "remoteDisconnect",
			invoke: (r, _w, call, spec) => command(controlTrigger.remoteDisconnect, r, call, spec),
		},
		{
			id: 2,
			name: "remoteReconnect",
			invoke: (r, _w, call, spec) => command(controlTrigger.remoteReconnect, r, call, spec),
		},
	],
});
