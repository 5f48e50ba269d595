// SPDX-License-Identifier: Apache-2.0
import { optionBit } from "../../models/model.js";
import { rowLog } from "../../profile/row-log-table.js";
import { RowLogBuffer } from "../../profile/row-logs.js";
import { access } from "../access.js";
import type { Application } from "../application.js";
import { type ProfileSpec, profileGeneric } from "../classes/profile-generic.js";
import type { CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { readByStaff } from "./rights.js";

const clearedByManagement = access({ management: "R*;A1", reader: "R*", technician: "R*", metrology: "R*" });
const onOrder: Presence = Object.freeze({ options: optionBit.pq });

/** A log without anything that hangs on it. */
function bufferOf({ rowLogs }: Application, log: number): RowLogBuffer {
	return new RowLogBuffer(rowLogs, log);
}

/** The counters of the classes go with the rows. */
function fastEvents({ rowLogs, powerQuality }: Application, log: number): RowLogBuffer {
	if (log === rowLog.interruptions) return new RowLogBuffer(rowLogs, log);
	return new RowLogBuffer(rowLogs, log, (cleared) => powerQuality.classesCleared(cleared === rowLog.dips));
}

function fastLog(index: number): ProfileSpec {
	return { index, profile: fastEvents };
}

/** Profiles of events that are no codes: fast voltage events, long power failures. */
export const rowLogObjects: readonly CosemObject[] = Object.freeze([
	object(profileGeneric, "1-0:99.10.1.255", clearedByManagement, fastLog(rowLog.dips), onOrder),
	object(profileGeneric, "1-0:99.10.2.255", clearedByManagement, fastLog(rowLog.swells), onOrder),
	object(profileGeneric, "1-0:99.10.3.255", clearedByManagement, fastLog(rowLog.interruptions), onOrder),
	object(profileGeneric, "1-0:99.99.0.255", readByStaff, { index: rowLog.certification, profile: bufferOf }),
	object(profileGeneric, "1-0:99.97.0.255", clearedByManagement, { index: rowLog.longOutages, profile: bufferOf }),
]);
