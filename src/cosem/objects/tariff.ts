// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../../core/deep-freeze.js";
import { disconnectorCalendarEvent, standardEvent } from "../../events/event-codes.js";
import { eventLog } from "../../events/event-sink.js";
import { createStamp } from "../../metrology/demand/stamp.js";
import { numberOfRates } from "../../metrology/rate-registers.js";
import { optionBit } from "../../models/model.js";
import type { CalendarDefinition } from "../../tariff/calendars.js";
import { tariffCalendar } from "../../tariff/calendars.js";
import { activationGroup } from "../../tariff/register-activation.js";
import { access } from "../access.js";
import { activityCalendar } from "../classes/activity-calendar.js";
import { type DataSpec, data } from "../classes/data.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { registerActivation } from "../classes/register-activation.js";
import { scriptTable } from "../classes/script-table.js";
import { specialDaysTable } from "../classes/special-days-table.js";
import {
	decodeEnum,
	decodeStructure,
	decodeUnsigned,
	encodeDoubleLongUnsigned,
	encodeEnum,
	encodeOctetString,
	encodeStructure,
	encodeUnsigned,
} from "../codec/axdr.js";
import { decodeDateTimeOctets } from "../codec/date-time.js";
import { encodeStamp } from "../codec/stamp.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import type { Call, CosemObject } from "../model.js";
import { object, type Presence } from "../object.js";
import { dataAccessResult } from "../result.js";
import type { ScriptTableSpec } from "../scripts/scripts.js";
import { activateMask, readTariffScripts, tariffScripts, writeTariffScripts } from "../scripts/tariff-scripts.js";
import { unit } from "../unit.js";
import { readByConsumerToo, readByStaff, writtenByManagement } from "./rights.js";

const calendarRights = access({
	management: "R*;W6,7,8,9,10;A1",
	reader: "R*",
	technician: "R*",
	metrology: "R*",
});
const specialDaysRights = access({ management: "R*;W2;A1,2", reader: "R*", technician: "R*", metrology: "R*" });
const activationRights = access({ management: "R*;W2,3;A1,2,3", reader: "R*", technician: "R*", metrology: "R*" });
const writtenScriptRights = access({ management: "R*;W2;A1", reader: "R*", technician: "R*", metrology: "R*" });

interface CalendarRow {
	readonly table: string;
	readonly log: number;
	readonly activated: number;
	readonly programmed: number;
	readonly presence: Presence;
}

/** Activity calendars by value group B of their names. */
const calendars: readonly CalendarRow[] = [
	{
		table: "0-0:10.0.100.255",
		log: eventLog.standard,
		activated: standardEvent.calendarActivated,
		programmed: standardEvent.calendarProgrammed,
		presence: {},
	},
	{
		table: "0-0:10.0.106.255",
		log: eventLog.disconnector,
		activated: disconnectorCalendarEvent.activated,
		programmed: disconnectorCalendarEvent.programmed,
		presence: { options: optionBit.disconnector },
	},
	{
		table: "0-0:10.0.103.255",
		log: eventLog.standard,
		activated: standardEvent.relayCalendarActivated,
		programmed: standardEvent.relayCalendarProgrammed,
		presence: { options: optionBit.io },
	},
];

export const calendarDefinitions: readonly CalendarDefinition[] = deepFreeze(
	calendars.map(({ table, log, activated, programmed }, n) => ({
		logicalName: parseLogicalName(`0-${n}:13.0.0.255`),
		table: parseLogicalName(table),
		log,
		activated,
		programmed,
		hasDefault: n === tariffCalendar,
	})),
);

const tariffScriptTable: ScriptTableSpec = {
	scripts: tariffScripts,
	written: readTariffScripts,
	perform: activateMask,
	write: writeTariffScripts,
};

function activation(group: number, classId: number, registers: string) {
	return { group, classId, registers: parseLogicalName(registers) };
}

/** Active tariff as one ASCII digit. */
const activeTariff: DataSpec = {
	value(w, { application }, group) {
		const { tariff } = application;
		const rate = group === activationGroup.energy ? tariff.energyRate : tariff.demandRate;
		encodeOctetString(w, Uint8Array.of(0x30 + rate));
	},
};

const source: DataSpec = {
	value(w, { application }) {
		const now = application.tariff.source();
		encodeStructure(w, 4);
		encodeEnum(w, now.priority);
		encodeUnsigned(w, now.forcedRate);
		encodeOctetString(w, now.bytes, now.untilAt, now.untilAt + 12);
		encodeUnsigned(w, now.defaultRate);
	},
	setValue(r, { application }) {
		const wanted = application.tariff.source();
		decodeStructure(r, 4);
		wanted.priority = decodeEnum(r);
		wanted.forcedRate = decodeUnsigned(r);
		wanted.bytes.set(decodeDateTimeOctets(r), wanted.untilAt);
		wanted.defaultRate = decodeUnsigned(r);
		if (!application.tariff.setSource(wanted)) return dataAccessResult.otherReason;
		application.parameterChanged();
		return dataAccessResult.success;
	},
};

const operatingTime: RegisterSpec = {
	value: (w, { application }, rate) => encodeDoubleLongUnsigned(w, application.tariff.operatingTime_s(rate)),
	scaler: 0,
	unit: unit.second,
};

/** Name of the tariff calendar. */
function calendarName(isPassive: number): DataSpec {
	return { index: isPassive, value: encodeCalendarName, maximumSize: 10 };
}

function encodeCalendarName(w: Writer, { application }: Call, isPassive: number): void {
	const set = application.calendars.head(tariffCalendar).set(isPassive === 1);
	encodeOctetString(w, set.nameAt(set.name));
}

/** When the passive calendar became the active one. */
const activated: DataSpec = {
	value(w, { application }) {
		const { clock, calendars: all } = application;
		const utc_s = all.head(tariffCalendar).activated_s;
		const stamp = createStamp();
		if (utc_s > 0) {
			stamp.utc_s = utc_s;
			stamp.deviation_min = clock.deviation_min(utc_s);
			stamp.status = clock.status(utc_s);
		}
		encodeStamp(w, stamp, application.time);
	},
};

export const tariffObjects: readonly CosemObject[] = Object.freeze([
	...calendars.map(({ table, presence }, calendar) =>
		object(
			activityCalendar,
			`0-${calendar}:13.0.0.255`,
			calendarRights,
			{ calendar, table: parseLogicalName(table) },
			presence,
		),
	),
	...calendars.map(({ presence }, calendar) =>
		object(specialDaysTable, `0-${calendar}:11.0.0.255`, specialDaysRights, { calendar }, presence),
	),
	object(scriptTable, "0-0:10.0.100.255", writtenScriptRights, tariffScriptTable),
	object(
		registerActivation,
		"0-0:14.0.1.255",
		activationRights,
		activation(activationGroup.energy, register.classId, "1-0:0.8.0.255"),
	),
	object(
		registerActivation,
		"0-0:14.0.2.255",
		activationRights,
		activation(activationGroup.demand, 4, "1-0:0.6.0.255"),
	),
	object(data, "0-0:96.14.0.255", readByConsumerToo, { ...activeTariff, index: activationGroup.energy }),
	object(data, "0-0:96.14.1.255", readByConsumerToo, { ...activeTariff, index: activationGroup.demand }),
	object(data, "0-0:96.50.5.255", writtenByManagement, source),
	...Array.from({ length: 1 + numberOfRates }, (_, rate) =>
		object(register, `0-0:96.8.${rate}.255`, readByStaff, { ...operatingTime, index: rate }),
	),
	object(data, "1-0:0.2.2.255", readByStaff, calendarName(0)),
	object(data, "1-0:0.2.7.255", readByStaff, calendarName(1)),
	object(data, "0-0:96.2.7.255", readByStaff, activated),
	// the program of the time switch changes with the calendar that is in force
	object(data, "0-0:96.2.2.255", readByStaff, activated),
]);
