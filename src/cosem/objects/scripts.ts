// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";
import { access, mayInvoke } from "../access.js";
import type { Application } from "../application.js";
import type { ProfileSpec } from "../classes/profile-generic.js";
import { scriptTable } from "../classes/script-table.js";
import { dataTag } from "../codec/data-tag.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { dataAccessResult } from "../result.js";
import { integerZero, isThere, type ScriptAction, type ScriptCaller, scriptService } from "../scripts/scripts.js";

/** Script tables of the utility: management executes, staff reads. */
export const scriptRights = access({ management: "R*;A1", reader: "R*", technician: "R*", metrology: "R*" });

/** The same of what the metrology client may execute too. */
export const scriptRightsWithMetrology = access({
	management: "R*;A1",
	reader: "R*",
	technician: "R*",
	metrology: "R*;A1",
});

/** An action that executes a method. @param parameter A-XDR octets */
export function executes(
	classId: number,
	name: string,
	method: number,
	parameter: readonly number[] = integerZero,
): ScriptAction {
	return { service: scriptService.execute, classId, logicalName: parseLogicalName(name), index: method, parameter };
}

/** An action that writes an attribute. @param parameter A-XDR octets */
export function writes(classId: number, name: string, attribute: number, parameter: readonly number[]): ScriptAction {
	return { service: scriptService.write, classId, logicalName: parseLogicalName(name), index: attribute, parameter };
}

const scriptTableClass = scriptTable.classId;
const activityCalendar = 20;
const imageTransfer = 18;
const profileGeneric = 7;
/** The parameter of `execute`. */
function scriptNumber(id: number): readonly number[] {
	return [dataTag.longUnsigned, 0, id];
}

const eventLogs: readonly ScriptAction[] = deepFreeze([
	...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((log) => executes(profileGeneric, `0-0:99.98.${log}.255`, 1)),
	...[1, 2, 3, 4].map((channel) => executes(profileGeneric, `0-${channel}:99.98.3.255`, 1)),
]);

/** Clears those event logs that the caller may clear (F113); each begins with an entry 255. */
function clearEventLogs(application: Application, { client }: ScriptCaller): number {
	const { directory } = application;
	let cleared = 0;
	for (const action of eventLogs) {
		if (!isThere(action, application)) continue;
		const { access: rights, spec } = directory.find(action.logicalName)!;
		if (!mayInvoke(rights, client, action.index)) continue;
		const log = spec as ProfileSpec;
		log.profile(application, log.index ?? 0).reset();
		cleared++;
	}
	return cleared === 0 ? dataAccessResult.readWriteDenied : dataAccessResult.success;
}

/** Counters of power quality and of tampers begin anew. */
function clearCounters(application: Application): number {
	application.fraud.clearCounts();
	application.powerQuality.clearCounters();
	application.parameterChanged();
	return dataAccessResult.success;
}

const loadProfiles = ["1-0:99.1.0.255", "1-0:99.2.0.255", "1-0:99.1.1.255", "1-0:99.2.1.255"];

/**
 * Script tables of no theme of their own. A table is one row, a script one entry of it; those of a subsystem stand with its
 * objects.
 */
export const scriptObjects: readonly CosemObject[] = Object.freeze([
	object(scriptTable, "0-0:10.0.0.255", scriptRightsWithMetrology, {
		scripts: [
			{ id: 1, actions: loadProfiles.map((name) => executes(profileGeneric, name, 1)) },
			{ id: 2, actions: eventLogs, run: clearEventLogs },
			{ id: 3, actions: [executes(scriptTableClass, "0-0:10.0.105.255", 1, scriptNumber(1))], run: clearCounters },
		],
	}),
	// group commands; those whose machinery a meter does not have are not among them
	object(scriptTable, "0-0:10.0.125.255", scriptRights, {
		scripts: [
			{ id: 1, actions: [executes(scriptTableClass, "0-0:10.0.106.255", 1, scriptNumber(1))] },
			{ id: 2, actions: [executes(scriptTableClass, "0-0:10.0.106.255", 1, scriptNumber(2))] },
			{ id: 3, actions: [executes(activityCalendar, "0-0:13.0.0.255", 1)] },
			{ id: 4, actions: [executes(imageTransfer, "0-0:44.0.0.255", 4)] },
			{ id: 5, actions: [executes(scriptTableClass, "0-0:10.0.1.255", 1, scriptNumber(1))] },
		],
	}),
]);
