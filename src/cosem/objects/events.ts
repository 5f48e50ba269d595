// SPDX-License-Identifier: Apache-2.0
import { EventBuffer } from "../../events/event-buffer.js";
import { channelLog, eventLogTable } from "../../events/event-log-table.js";
import type { EventLogs } from "../../events/event-logs.js";
import { maskLength, masksLength } from "../../events/event-masks.js";
import { eventLog } from "../../events/event-sink.js";
import { access } from "../access.js";
import type { Application } from "../application.js";
import { type DataSpec, data } from "../classes/data.js";
import { type ProfileSpec, profileGeneric } from "../classes/profile-generic.js";
import { type RegisterMonitorSpec, registerMonitor } from "../classes/register-monitor.js";
import {
	decodeArray,
	decodeBitStringLength,
	decodeDoubleLongUnsigned,
	decodeStructure,
	decodeUnsigned,
	encodeArray,
	encodeBitString,
	encodeDoubleLongUnsigned,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import type { AccessTable, Call, CosemObject } from "../model.js";
import { object } from "../object.js";
import { dataAccessResult } from "../result.js";
import { readByStaff, writtenByManagement, writtenByManagementShownToConsumer } from "./rights.js";

const clearedByManagement = access({ management: "R*;A1", reader: "R*", technician: "R*", metrology: "R*" });
/** Fraud and security logs: nobody but verification, with open seal (F113). */
const clearedByMetrology = access({ management: "R*", reader: "R*", technician: "R*", metrology: "R*;A1" });

/** Logs that only verification clears. */
const sealedLogs: readonly number[] = Object.freeze([eventLog.fraud, eventLog.security]);

function rightsOf(log: number): AccessTable {
	return sealedLogs.includes(log) ? clearedByMetrology : clearedByManagement;
}

function logSpec(index: number): ProfileSpec {
	return { index, profile: bufferOf };
}

function bufferOf({ events }: Application, log: number): EventBuffer {
	return new EventBuffer(events, log);
}

/** Code written last. */
function eventSpec(index: number): DataSpec {
	return { index, value: encodeLastCode };
}

function encodeLastCode(w: Writer, { application }: Call, log: number): void {
	encodeUnsigned(w, application.events.store.lastCode(log));
}

/** @param index beyond the logs: one that does not exist yet, its counter stays 0 */
function countSpec(index: number): DataSpec {
	return { index, value: encodeCount };
}

function encodeCount(w: Writer, { application }: Call, log: number): void {
	encodeDoubleLongUnsigned(w, application.events.store.count(log));
}

function succeeded(isAccepted: boolean): number {
	return isAccepted ? dataAccessResult.success : dataAccessResult.otherReason;
}

const errorObject: DataSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, application.events.alarms.error),
	setValue: (r, { application }) => succeeded(application.events.clearError(decodeDoubleLongUnsigned(r))),
};

/** Bit of alarm register 1. */
const fraudAttempt = 1 << 13;

const alarmRegister: DataSpec = {
	value: (w, { application }, n) => encodeDoubleLongUnsigned(w, application.events.alarms.register(n)),
	setValue(r, { application }, n) {
		const left = decodeDoubleLongUnsigned(r);
		const isDone = application.events.clearAlarmRegister(n, left);
		if (isDone && n === 1 && (left & fraudAttempt) === 0) application.fraud.acknowledged();
		return succeeded(isDone);
	},
};

const alarmDescriptor: DataSpec = {
	value: (w, { application }, n) => encodeDoubleLongUnsigned(w, application.events.alarms.descriptor(n)),
	setValue: (r, { application }, n) =>
		succeeded(application.events.clearAlarmDescriptor(n, decodeDoubleLongUnsigned(r))),
};

const alarmFilter: DataSpec = {
	value: (w, { application }, n) => encodeDoubleLongUnsigned(w, application.events.alarms.filter(n)),
	setValue(r, { application }, n) {
		application.events.alarms.setFilter(n, decodeDoubleLongUnsigned(r));
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

const monitorRights = access({ management: "R*;W4", reader: "R*", technician: "R*", metrology: "R*" });

/** Watches an alarm descriptor for bits; the threshold is none of them. */
const alarmMonitor: Omit<RegisterMonitorSpec, "index" | "logicalName"> = {
	classId: data.classId,
	attribute: 2,
	encodeThreshold: (w) => encodeDoubleLongUnsigned(w, 0),
	pairs: ({ application }) => application.alarmMonitors.actions(),
	pairAt: (_call, n) => n,
	keepActions: ({ application }, n, pair, client) => application.alarmMonitors.actions().keep(n, pair, client),
};

const logNumbers: readonly number[] = Object.freeze(Object.values(eventLog));
const codesPerLog = 256;

/** Enable masks: for each log of the meter its number and a bit for each code. */
const enableMasks: DataSpec = {
	value(w, { application }) {
		const { events } = application;
		const masks = new Uint8Array(masksLength);
		events.masks.copy(masks);
		encodeArray(w, logNumbers.filter((log) => events.hasLog(log)).length);
		for (let log = 0; log < logNumbers.length; log++) {
			if (!events.hasLog(log)) continue;
			encodeStructure(w, 2);
			encodeUnsigned(w, log);
			encodeBitString(w, masks.subarray(log * maskLength, (log + 1) * maskLength), codesPerLog);
		}
	},
	setValue(r, call) {
		const { events } = call.application;
		const masks = new Uint8Array(masksLength);
		events.masks.copy(masks);
		if (!decodeMasks(r, events, masks) || !events.masks.replace(masks)) return dataAccessResult.otherReason;
		call.application.parameterChanged();
		return dataAccessResult.success;
	},
};

/** Logs that are not named keep their masks. @returns false for a log that is not there, or is named twice */
function decodeMasks(r: Reader, events: EventLogs, masks: Uint8Array): boolean {
	let named = 0;
	let isGood = true;
	for (let n = decodeArray(r); n > 0; n--) {
		decodeStructure(r, 2);
		const log = decodeUnsigned(r);
		const at = r.position;
		if (decodeBitStringLength(r) !== codesPerLog) throw new CodecError("type", at);
		const from = r.skip(maskLength);
		if (log >= logNumbers.length || !events.hasLog(log) || ((named >> log) & 1) === 1) {
			isGood = false;
			continue;
		}
		named |= 1 << log;
		for (let octet = 0; octet < maskLength; octet++) masks[log * maskLength + octet] = r.bytes[from + octet]!;
	}
	return isGood;
}

const lastContext: DataSpec = {
	maximumSize: 13,
	value(w, { application }: Call) {
		const { scratch } = application;
		encodeOctetString(w, scratch, 0, application.events.store.copyNewestContext(scratch));
	},
};

const logs = logNumbers.map((log) => ({ log, options: eventLogTable[log]!.options }));
const channels = [1, 2, 3, 4].map((channel) => ({ channel, log: channelLog(channel) }));

/** Event logs with their event objects and counters, error object and alarms. */
export const eventObjects: readonly CosemObject[] = Object.freeze([
	object(data, "0-0:97.97.0.255", writtenByManagementShownToConsumer, errorObject),
	...[1, 2, 3].map((n) => object(data, `0-0:97.98.${n - 1}.255`, writtenByManagement, { ...alarmRegister, index: n })),
	...[1, 2, 3].map((n) => object(data, `0-0:97.98.${n + 9}.255`, writtenByManagement, { ...alarmFilter, index: n })),
	...[1, 2, 3].map((n) =>
		object(data, `0-0:97.98.${n + 19}.255`, writtenByManagement, { ...alarmDescriptor, index: n }),
	),
	...[0, 1, 2].map((n) =>
		object(registerMonitor, `0-0:16.1.${n}.255`, monitorRights, {
			...alarmMonitor,
			index: n,
			logicalName: parseLogicalName(`0-0:97.98.${20 + n}.255`),
		}),
	),
	...logs.map(({ log, options }) => object(data, `0-0:96.15.${log}.255`, readByStaff, countSpec(log), { options })),
	object(data, "0-0:96.15.9.255", readByStaff, countSpec(eventLogTable.length)),
	...logs.map(({ log, options }) =>
		object(profileGeneric, `0-0:99.98.${log}.255`, rightsOf(log), logSpec(log), { options }),
	),
	...logs.map(({ log, options }) => object(data, `0-0:96.11.${log}.255`, readByStaff, eventSpec(log), { options })),
	...channels.map(({ channel, log }) =>
		object(profileGeneric, `0-${channel}:99.98.3.255`, clearedByManagement, logSpec(log), {
			options: eventLogTable[log]!.options,
		}),
	),
	...channels.map(({ channel, log }) =>
		object(data, `0-${channel}:96.11.3.255`, readByStaff, eventSpec(log), { options: eventLogTable[log]!.options }),
	),
	object(data, "0-0:96.50.30.255", writtenByManagement, enableMasks),
	object(data, "0-0:96.50.32.255", readByStaff, lastContext),
]);
