// SPDX-License-Identifier: Apache-2.0
import { cellDate } from "../../clock/backup-cell.js";
import { dateTimeLength } from "../../clock/date-time.js";
import { access } from "../access.js";
import { type DataSpec, data } from "../classes/data.js";
import { type RegisterSpec, register } from "../classes/register.js";
import {
	decodeDoubleLongUnsigned,
	encodeDoubleLongUnsigned,
	encodeLongUnsigned,
	encodeNull,
	encodeOctetString,
	encodeUnsigned,
} from "../codec/axdr.js";
import { decodeDateTimeOctets } from "../codec/date-time.js";
import type { CosemObject } from "../model.js";
import { object } from "../object.js";
import { dataAccessResult } from "../result.js";
import { unit } from "../unit.js";
import { readByStaff, writtenByManagement } from "./rights.js";

const datesRights = access({ management: "R*;W2", reader: "R*", technician: "R*;W2", metrology: "R*" });

/** Hours that the clock has run from this cell alone. Written when another cell is put in. */
const useTime: RegisterSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, application.backupCell().used_h),
	scaler: 0,
	unit: unit.hour,
	setValue(r, { application }) {
		const isDone = application.backupCell().setUsed_h(decodeDoubleLongUnsigned(r));
		if (isDone) application.parameterChanged();
		return isDone ? dataAccessResult.success : dataAccessResult.otherReason;
	},
};

const charge: RegisterSpec = {
	value: (w, { application }) => encodeUnsigned(w, application.backupCell().charge_percent),
	scaler: 0,
	unit: unit.percent,
};

/** Null-data where nothing measures it. */
const voltage: RegisterSpec = {
	value(w, { application }) {
		const { voltage_mV } = application.backupCell();
		if (voltage_mV === undefined) encodeNull(w);
		else encodeLongUnsigned(w, Math.round(voltage_mV / 10));
	},
	scaler: -2,
	unit: unit.volt,
};

const remaining: RegisterSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, application.backupCell().remaining_h),
	scaler: 0,
	unit: unit.hour,
};

/** Date and time, or nothing specified. Index: one of `cellDate`. */
const date: DataSpec = {
	value(w, { application }, which) {
		application.backupCell().copyDate(which, application.scratch);
		encodeOctetString(w, application.scratch, 0, dateTimeLength);
	},
	setValue(r, { application }, which) {
		if (!application.backupCell().setDate(which, decodeDateTimeOctets(r))) return dataAccessResult.otherReason;
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

/** The cell that keeps the clock without supply (F43). */
export const batteryObjects: readonly CosemObject[] = Object.freeze([
	object(register, "0-0:96.6.0.255", writtenByManagement, useTime),
	object(register, "0-0:96.6.1.255", readByStaff, charge),
	object(register, "0-0:96.6.3.255", readByStaff, voltage),
	object(register, "0-0:96.6.6.255", readByStaff, remaining),
	object(data, "0-0:96.6.2.255", datesRights, { ...date, index: cellDate.nextChange }),
	object(data, "0-0:96.6.5.255", datesRights, { ...date, index: cellDate.installed }),
]);
