// SPDX-License-Identifier: Apache-2.0
import { tamperGroup } from "../../events/fraud-kinds.js";
import { debouncedKinds } from "../../events/fraud-parameters.js";
import { createStamp } from "../../metrology/demand/stamp.js";
import { data } from "../classes/data.js";
import { register } from "../classes/register.js";
import {
	decodeLongUnsigned,
	decodeStructure,
	decodeUnsigned,
	encodeDoubleLongUnsigned,
	encodeLongUnsigned,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import { encodeDateTime } from "../codec/date-time.js";
import { encodeStamp } from "../codec/stamp.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { dataAccessResult } from "../result.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByManagement } from "./rights.js";

/** Counter, time stamp and durations 0-0:96.20.{first..first+3} of one group of frauds. */
function tamper(first: number, group: number): CosemObject[] {
	return [
		object(data, `0-0:96.20.${first}.255`, readByStaff, {
			value: (w, { application }) => encodeLongUnsigned(w, application.fraud.count(group)),
		}),
		object(data, `0-0:96.20.${first + 1}.255`, readByStaff, {
			value(w, { application }) {
				const { fraud, clock, time } = application;
				const utc_s = fraud.stamp_s(group);
				if (utc_s === 0) encodeStamp(w, createStamp(), time);
				else encodeDateTime(w, clock.stamp(utc_s, time));
			},
			maximumSize: 14,
		}),
		object(register, `0-0:96.20.${first + 2}.255`, readByStaff, {
			value: (w, { application }) => encodeDoubleLongUnsigned(w, application.fraud.duration_s(group)),
			scaler: 0,
			unit: unit.second,
		}),
		object(register, `0-0:96.20.${first + 3}.255`, readByStaff, {
			value: (w, { application }) => encodeDoubleLongUnsigned(w, application.fraud.total_s(group)),
			scaler: 0,
			unit: unit.second,
		}),
	];
}

/** What the meter has found out about attempts on itself, and how it looks for them. */
export const fraudObjects: readonly CosemObject[] = Object.freeze([
	...tamper(0, tamperGroup.meterCover),
	...tamper(5, tamperGroup.terminalCover),
	...tamper(15, tamperGroup.magneticField),
	...tamper(20, tamperGroup.disconnector),
	...tamper(25, tamperGroup.metrology),
	...tamper(30, tamperGroup.communication),
	object(data, "0-0:96.50.11.255", writtenByManagement, {
		value(w, { application }) {
			encodeStructure(w, debouncedKinds);
			for (let n = 0; n < debouncedKinds; n++) encodeLongUnsigned(w, application.fraud.parameters.debounce_ms(n));
		},
		setValue(r, { application }) {
			const times = new Uint16Array(debouncedKinds);
			decodeStructure(r, debouncedKinds);
			for (let n = 0; n < debouncedKinds; n++) times[n] = decodeLongUnsigned(r);
			application.fraud.parameters.setDebounce(times);
			application.fraud.setUp();
			application.parameterChanged();
			return dataAccessResult.success;
		},
	}),
	object(data, "0-0:96.50.12.255", writtenByManagement, {
		value: (w, { application }) => encodeUnsigned(w, application.fraud.parameters.failuresBeforeLock),
		setValue(r, { application }) {
			const isDone = application.fraud.parameters.setFailuresBeforeLock(decodeUnsigned(r));
			if (!isDone) return dataAccessResult.otherReason;
			application.parameterChanged();
			return dataAccessResult.success;
		},
	}),
	object(data, "0-0:96.50.13.255", writtenByManagement, {
		value: (w, { application }) => encodeUnsigned(w, application.fraud.parameters.fieldLevel),
		setValue(r, { application }) {
			if (!application.fraud.parameters.setFieldLevel(decodeUnsigned(r))) return dataAccessResult.otherReason;
			application.parameterChanged();
			return dataAccessResult.success;
		},
	}),
]);
