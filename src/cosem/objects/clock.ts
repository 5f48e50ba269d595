// SPDX-License-Identifier: Apache-2.0
import { unixEpochOffset_s } from "../../clock/calendar.js";
import { DateTime } from "../../clock/date-time.js";
import { access } from "../access.js";
import { clock } from "../classes/clock.js";
import { type DataSpec, data } from "../classes/data.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { decodeLongUnsigned, encodeDoubleLongUnsigned, encodeLongUnsigned, encodeUnsigned } from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import { encodeDateTime } from "../codec/date-time.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { dataAccessResult } from "../result.js";
import { unit } from "../unit.js";
import { readByConsumerToo, readByStaff, writtenByManagement } from "./rights.js";

const unixClock: DataSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, application.clock.utc_s() + unixEpochOffset_s),
};

/** Time of day, octet-string(4): hour, minute, second, hundredths. */
const localTime: DataSpec = {
	value(w, { application }) {
		const time = application.clock.stamp(application.clock.utc_s(), application.time);
		w.u8(dataTag.octetString);
		w.u8(4);
		w.u8(time.hour);
		w.u8(time.minute);
		w.u8(time.second);
		w.u8(time.hundredths);
	},
};

/** Date, octet-string(5): year, month, day, weekday. */
const localDate: DataSpec = {
	value(w, { application }) {
		const time = application.clock.stamp(application.clock.utc_s(), application.time);
		w.u8(dataTag.octetString);
		w.u8(5);
		w.u16(time.year);
		w.u8(time.month);
		w.u8(time.day);
		w.u8(time.weekday);
	},
};

const weekDay: DataSpec = {
	value: (w, { application }) =>
		encodeUnsigned(w, application.clock.stamp(application.clock.utc_s(), application.time).weekday),
};

/** Largest step that still counts as synchronisation and not as setting of the clock. */
const timeShiftLimit: RegisterSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, application.clock.parameters.timeShiftLimit_s),
	scaler: 0,
	unit: unit.second,
	setValue(r, { application }) {
		if (!application.clock.parameters.setTimeShiftLimit_s(decodeLongUnsigned(r))) return dataAccessResult.otherReason;
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

/** When the clock was synchronised or set last; not specified before the first time. */
const lastChange: DataSpec = {
	value(w, { application }) {
		const { clock: meterClock, time } = application;
		const utc_s = meterClock.lastChange_s();
		encodeDateTime(w, utc_s === undefined ? new DateTime() : meterClock.stamp(utc_s, time));
	},
};

/** 0 window, 1 method of synchronisation. */
function synchronisation(which: number): DataSpec {
	return {
		index: which,
		value: (w, { application }) => encodeLongUnsigned(w, application.clock.parameters.synchronisation(which)),
		setValue(r, { application }) {
			const value = decodeLongUnsigned(r);
			if (!application.clock.parameters.setSynchronisation(which, value)) return dataAccessResult.otherReason;
			application.parameterChanged();
			return dataAccessResult.success;
		},
	};
}

const clockRights = access({
	public: "R*",
	management: "R*;W2,3,5,6,7,8;A1,2,3,4,5,6",
	preEstablished: "W2;A6",
	reader: "R*",
	technician: "R*;W2",
	consumer: "R*",
	metrology: "R*",
});

export const clockObjects: readonly CosemObject[] = Object.freeze([
	object(clock, "0-0:1.0.0.255", clockRights, null),
	object(data, "0-0:1.1.0.255", readByStaff, unixClock),
	object(data, "1-0:0.9.1.255", readByConsumerToo, localTime),
	object(data, "1-0:0.9.2.255", readByConsumerToo, localDate),
	object(data, "1-0:0.9.5.255", readByConsumerToo, weekDay),
	object(data, "0-0:96.2.12.255", readByStaff, lastChange),
	object(data, "1-0:0.9.9.255", writtenByManagement, synchronisation(0)),
	object(data, "1-0:0.9.10.255", writtenByManagement, synchronisation(1)),
	object(register, "1-0:0.9.11.255", writtenByManagement, timeShiftLimit),
]);
