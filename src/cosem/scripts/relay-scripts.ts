// SPDX-License-Identifier: Apache-2.0
import { controlTrigger } from "../../control/disconnect-transitions.js";
import { deepFreeze } from "../../core/deep-freeze.js";
import { relayEvent } from "../../io/load-relays.js";
import { relayCount } from "../../ports/io-pins.js";
import { recordKey } from "../../storage/keys.js";
import { mayInvoke, mayWrite } from "../access.js";
import type { Application } from "../application.js";
import { disconnectControlClass } from "../class-ids.js";
import { logCommand, resultOf } from "../classes/disconnect-control.js";
import { limiter } from "../classes/limiter.js";
import { dataTag } from "../codec/data-tag.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import type { Call } from "../model.js";
import type { Pieces } from "../pieces.js";
import { dataAccessResult } from "../result.js";
import { readScripts, type ScriptRecordShape, writeScripts } from "./script-record.js";
import {
	integerZero,
	isOrder,
	mustRepeat,
	type Script,
	type ScriptAction,
	type ScriptCaller,
	scriptService,
	scriptTrigger,
} from "./scripts.js";

/**
 * Scripts of the output table 0-0:10.0.103. They switch the relays of load control and, where a client writes them, set the
 * normal threshold of a limiter: so a schedule or the calendar 0-2:13.0.0 makes a limit follow the time of day (F138).
 */
const thresholdNormal = 4;
/** Octets of an action before its parameter: service, class, logical name, index, length. */
const actionLength = 11;
/** Of a threshold that is a power. */
const longestParameter = 5;

export const relayNames: readonly string[] = Object.freeze(
	Array.from({ length: relayCount }, (_, n) => `0-${n + 1}:96.3.10.255`),
);
export const relayLogicalNames: readonly number[] = Object.freeze(relayNames.map((name) => parseLogicalName(name)));

/** As from the factory: 2n - 1 opens relay n, 2n closes it. */
export const relayScripts: readonly Script[] = deepFreeze(
	relayLogicalNames.flatMap((logicalName, n) =>
		[1, 2].map((index) => ({
			id: 2 * n + index,
			actions: [
				{
					service: scriptService.execute,
					classId: disconnectControlClass,
					logicalName,
					index,
					parameter: integerZero,
				},
			],
		})),
	),
);

/** Relay (0-based) that a script of the factory closes; -1 for any other. */
export function relayReconnectedBy(script: number): number {
	return script % 2 === 0 && script <= 2 * relayCount ? script / 2 - 1 : -1;
}

/** By a client, schedule or calendar it is a remote command, by a function of the meter a local one. */
export function switchRelay(action: ScriptAction, application: Application, caller: ScriptCaller): number | undefined {
	const { io } = application;
	const n = relayLogicalNames.indexOf(action.logicalName);
	if (n < 0 || io === undefined) return undefined;
	const isLocal = caller.trigger === scriptTrigger.local;
	const { localDisconnect, localReconnect, remoteDisconnect, remoteReconnect } = controlTrigger;
	let trigger: number = isLocal ? localReconnect : remoteReconnect;
	if (action.index === 1) trigger = isLocal ? localDisconnect : remoteDisconnect;
	if (trigger === remoteDisconnect && mustRepeat(application, caller, n + 1)) return dataAccessResult.temporaryFailure;
	const { relays: fitted } = io;
	const result = resultOf(isOrder(caller) ? fitted.order(n, trigger) : fitted.command(n, trigger));
	if (result === dataAccessResult.success && !isLocal) logCommand(application, relayEvent(trigger, n));
	return result;
}

/** What the action names is there, the client may do it, and the value is of its type. */
function isSound(action: ScriptAction, { application, association }: Call): boolean {
	const found = application.directory.find(action.logicalName);
	if (found === undefined || found.definition.classId !== action.classId) return false;
	const client = association.client.index;
	const { service, index, parameter } = action;
	if (relayLogicalNames.includes(action.logicalName)) {
		const isMethod = service === scriptService.execute && (index === 1 || index === 2);
		return (
			isMethod && parameter.length === 2 && parameter[0] === dataTag.integer && mayInvoke(found.access, client, index)
		);
	}
	if (action.classId !== limiter.classId || service !== scriptService.write || index !== thresholdNormal) return false;
	const isCurrent = application.limits!.settings.isCurrent((found.spec as { readonly index: number }).index);
	const isOfType = isCurrent
		? parameter[0] === dataTag.longUnsigned && parameter.length === 3
		: parameter[0] === dataTag.doubleLongUnsigned && parameter.length === longestParameter;
	return isOfType && mayWrite(found.access, client, index);
}

/** An action: service, class (2), logical name (6), index, length, parameter. */
const record: ScriptRecordShape = deepFreeze({
	key: recordKey.relayScripts,
	maximumScripts: 16,
	maximumActions: 3,
	longestAction: actionLength + longestParameter,
	encode({ service, classId, logicalName, index, parameter }: ScriptAction, w: Writer) {
		w.u8(service);
		w.u16(classId);
		w.u48(logicalName);
		w.u8(index);
		w.u8(parameter.length);
		for (let n = 0; n < parameter.length; n++) w.u8(parameter[n]!);
	},
	decode(bytes: Uint8Array, at: number, take: (action: ScriptAction) => void) {
		let logicalName = 0;
		for (let place = 0; place < 6; place++) logicalName = logicalName * 256 + bytes[at + 3 + place]!;
		const from = at + actionLength;
		const end = from + bytes[from - 1]!;
		take({
			service: bytes[at]!,
			classId: bytes[at + 1]! * 256 + bytes[at + 2]!,
			logicalName,
			index: bytes[from - 2]!,
			parameter: bytes.subarray(from, end),
		});
		return end;
	},
});

/** @throws DeviceError, unchanged */
export function writeRelayScripts(scripts: readonly Script[], call: Call): Pieces {
	const { application } = call;
	const { parameters } = application.tariff;
	const changed = (): void => application.parameterChanged();
	return writeScripts(record, parameters, scripts, (action) => isSound(action, call), changed);
}

/** What clients have written; undefined for what comes from the factory. */
export function readRelayScripts({ tariff }: Application): readonly Script[] | undefined {
	return readScripts(record, tariff.parameters);
}
