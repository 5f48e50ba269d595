// SPDX-License-Identifier: Apache-2.0
import { profileCleared } from "../../events/event-codes.js";
import { eventLog } from "../../events/event-sink.js";
import { optionBit } from "../../models/model.js";
import { rowLog } from "../../profile/row-log-table.js";
import { RowLogBuffer } from "../../profile/row-logs.js";
import { access } from "../access.js";
import type { Application } from "../application.js";
import { parameterMonitor } from "../classes/parameter-monitor.js";
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

/** Part of the audit trail: what is forgotten is told. The metrology client has an association with open seal only. */
function parameterLog({ rowLogs, events }: Application, log: number): RowLogBuffer {
	return new RowLogBuffer(rowLogs, log, () => events.event(eventLog.standard, profileCleared));
}

const monitorRights = access({ management: "R*;W4,5,6;A1,2", reader: "R*", technician: "R*", metrology: "R*" });
const auditRights = access({ management: "R*", technician: "R*", metrology: "R*;A1" });

/** Profiles of events that are no codes: fast voltage events, long power failures, changes of parameters. */
export const rowLogObjects: readonly CosemObject[] = Object.freeze([
	object(profileGeneric, "1-0:99.10.1.255", clearedByManagement, fastLog(rowLog.dips), onOrder),
	object(profileGeneric, "1-0:99.10.2.255", clearedByManagement, fastLog(rowLog.swells), onOrder),
	object(profileGeneric, "1-0:99.10.3.255", clearedByManagement, fastLog(rowLog.interruptions), onOrder),
	object(profileGeneric, "1-0:99.99.0.255", readByStaff, { index: rowLog.certification, profile: bufferOf }),
	object(profileGeneric, "0-0:99.16.0.255", auditRights, { index: rowLog.parameters, profile: parameterLog }),
	object(parameterMonitor, "0-0:16.2.0.255", monitorRights, null),
	object(profileGeneric, "1-0:99.97.0.255", clearedByManagement, { index: rowLog.longOutages, profile: bufferOf }),
]);
