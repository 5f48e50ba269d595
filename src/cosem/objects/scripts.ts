// SPDX-License-Identifier: Apache-2.0
import { access } from "../access.js";
import { scriptTable } from "../classes/script-table.js";
import { dataTag } from "../codec/axdr.js";
import { parseLogicalName } from "../logical-name.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { integerZero, type ScriptAction, scriptService } from "../scripts/scripts.js";

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

const loadProfiles = ["1-0:99.1.0.255", "1-0:99.2.0.255", "1-0:99.1.1.255", "1-0:99.2.1.255"];

/**
 * Script tables of no theme of their own. A table is one row, a script one entry of it; those of a subsystem stand with its
 * objects.
 */
export const scriptObjects: readonly CosemObject[] = Object.freeze([
	object(scriptTable, "0-0:10.0.0.255", scriptRightsWithMetrology, {
		scripts: [{ id: 1, actions: loadProfiles.map((name) => executes(profileGeneric, name, 1)) }],
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
