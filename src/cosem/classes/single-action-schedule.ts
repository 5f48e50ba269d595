// SPDX-License-Identifier: Apache-2.0
import { dateLength, timeLength } from "../../clock/date-pattern.js";
import { maximumTimes, type ScheduleDefinition, type ScheduleRecord } from "../../schedule/schedule-record.js";
import {
	decodeArray,
	decodeEnum,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeStructure,
	encodeArray,
	encodeEnum,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
} from "../codec/axdr.js";
import { decodePattern } from "../codec/pattern.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

function recordOf({ application }: Call, spec: ScheduleDefinition): ScheduleRecord {
	return application.schedules.load(spec);
}

function configure(call: Call, spec: ScheduleDefinition, record: ScheduleRecord): number {
	const { application, association } = call;
	const client = association.client.index;
	// what runs later has the rights of the client that configured it last
	if (!application.scripts.mayConfigure(record.table, record.script, client)) return dataAccessResult.otherReason;
	record.client = client;
	if (!application.schedules.configure(spec, record)) return dataAccessResult.otherReason;
	application.parameterChanged();
	return dataAccessResult.success;
}

/** Single action schedule, class_id 22, version 0 (Blue Book 4.5.8). */
export const singleActionSchedule = defineClass<ScheduleDefinition>({
	classId: 22,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "executedScript",
			encode(w, call, spec) {
				const record = recordOf(call, spec);
				encodeStructure(w, 2);
				encodeLogicalName(w, record.table);
				encodeLongUnsigned(w, record.script);
			},
			set(r, call, spec) {
				const record = recordOf(call, spec);
				decodeStructure(r, 2);
				record.table = decodeLogicalName(r);
				record.script = decodeLongUnsigned(r);
				return configure(call, spec, record);
			},
		},
		{
			id: 3,
			name: "type",
			encode: (w, call, spec) => encodeEnum(w, recordOf(call, spec).type),
			set(r, call, spec) {
				const record = recordOf(call, spec);
				record.type = decodeEnum(r);
				return configure(call, spec, record);
			},
		},
		{
			id: 4,
			name: "executionTime",
			encode(w, call, spec) {
				const record = recordOf(call, spec);
				encodeArray(w, record.count);
				for (let n = 0; n < record.count; n++) {
					const at = record.timeAt(n);
					encodeStructure(w, 2);
					encodeOctetString(w, record.bytes, at, at + timeLength);
					encodeOctetString(w, record.bytes, at + timeLength, at + timeLength + dateLength);
				}
			},
			set(r, call, spec) {
				const record = recordOf(call, spec);
				const count = decodeArray(r);
				for (let n = 0; n < count; n++) {
					decodeStructure(r, 2);
					// what is beyond the limit is only looked at
					const at = record.timeAt(Math.min(n, maximumTimes - 1));
					decodePattern(r, record.bytes, at, timeLength);
					decodePattern(r, record.bytes, at + timeLength, dateLength);
				}
				if (count > maximumTimes) return dataAccessResult.otherReason;
				record.count = count;
				return configure(call, spec, record);
			},
		},
	],
	methods: [],
});
