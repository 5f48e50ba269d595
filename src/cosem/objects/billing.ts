// SPDX-License-Identifier: Apache-2.0
import { billingResult, billingScript } from "../../billing/billing.js";
import { billedQuantities, never_s } from "../../billing/billing-state.js";
import { notSpecified } from "../../clock/date-time.js";
import { eventLog } from "../../events/event-sink.js";
import { demandQuantities } from "../../metrology/demand/demand-quantities.js";
import { noMoment, type Stamp } from "../../metrology/demand/stamp.js";
import type { Application } from "../application.js";
import { demandRegisterClass, extendedRegisterClass, profileClass } from "../class-ids.js";
import { type DataSpec, data } from "../classes/data.js";
import { changed } from "../classes/profile-generic.js";
import { type RegisterSpec, register } from "../classes/register.js";
import { scriptTable } from "../classes/script-table.js";
import {
	decodeBits,
	decodeDoubleLongUnsigned,
	decodeLongUnsigned,
	encodeBits,
	encodeDoubleLongUnsigned,
	encodeLongUnsigned,
} from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import { encodeStamp } from "../codec/stamp.js";
import type { Writer } from "../codec/writer.js";
import type { Call, CosemObject } from "../model.js";
import { object } from "../object.js";
import { dataAccessResult } from "../result.js";
import { type Script, type ScriptCaller, scriptTrigger } from "../scripts/scripts.js";
import { securityEvent } from "../security/security-event.js";
import { unit } from "../unit.js";
import { energyUnitOf, unitsPerWh } from "./energy.js";
import { readByConsumerToo, readByStaff, writtenByManagement } from "./rights.js";
import { energyScaler } from "./scalers.js";
import { executes, scriptRights } from "./scripts.js";

const causes = 16;

function run(script: number, application: Application, caller: ScriptCaller): number {
	const isCommand = caller.trigger === scriptTrigger.client || caller.trigger === scriptTrigger.local;
	const { nominal_s, isLate } = caller;
	const result = application.billing.execute(script, { nominal_s, isLate, isCommand });
	if (result === billingResult.done) return dataAccessResult.success;
	if (result === billingResult.failed) return dataAccessResult.hardwareFault;
	application.events.event(eventLog.security, securityEvent.accessRefused);
	return dataAccessResult.otherReason;
}

const closesPeriod = executes(demandRegisterClass, "1-0:1.4.0.255", 2);
const captures1 = executes(profileClass, "0-0:98.1.0.255", 2);

/** What they do is one step; the actions tell of it, for the totals. */
const scripts: readonly Script[] = [
	{
		id: billingScript.endOfPeriod,
		actions: [
			closesPeriod,
			captures1,
			...demandQuantities.map((c) => executes(extendedRegisterClass, `1-0:${c}.6.0.255`, 1)),
		],
		run: (application, caller) => run(billingScript.endOfPeriod, application, caller),
	},
	{
		id: billingScript.fraud,
		actions: [executes(profileClass, "0-0:98.2.0.255", 2)],
		run: (application, caller) => run(billingScript.fraud, application, caller),
	},
	{
		id: billingScript.withoutReset,
		actions: [closesPeriod, captures1],
		run: (application, caller) => run(billingScript.withoutReset, application, caller),
	},
];

/** @param index 0 for billing profile 1, 1 for billing profile 2 */
function counter(index: number): DataSpec {
	return {
		index,
		value: (w, { application }, profile) => encodeLongUnsigned(w, application.billing.state().counter(profile)),
	};
}

function available(index: number): DataSpec {
	return {
		index,
		value: (w, { application }, profile) => encodeLongUnsigned(w, application.billing.available(profile)),
	};
}

function timeStamp(index: number): DataSpec {
	return { index, value: (w, { application }, profile) => encodeTime(w, application, profile) };
}

function encodeTime(w: Writer, { billing, clock, time }: Application, profile: number): void {
	const utc_s = billing.state().closed_s(profile);
	const isNever = utc_s === never_s;
	const stamp: Stamp = {
		utc_s: isNever ? noMoment : utc_s,
		deviation_min: isNever ? 0 : clock.deviation_min(utc_s),
		status: isNever ? 0 : clock.status(utc_s),
	};
	encodeStamp(w, stamp, time);
}

/** Local time of the last reset of the maxima, in the application's scratch; not specified when there was none. */
function resetTime({ application }: Call): Application["time"] {
	const { billing, clock, time } = application;
	const { reset_s } = billing.state();
	if (reset_s !== never_s) return clock.stamp(reset_s, time);
	time.year = notSpecified.year;
	time.month = time.day = time.weekday = notSpecified.octet;
	time.hour = time.minute = time.second = time.hundredths = notSpecified.octet;
	return time;
}

const timeOfReset: DataSpec = {
	value(w, call) {
		const time = resetTime(call);
		w.u8(dataTag.octetString);
		w.u8(4);
		w.u8(time.hour);
		w.u8(time.minute);
		w.u8(time.second);
		w.u8(time.hundredths);
	},
};

const dateOfReset: DataSpec = {
	value(w, call) {
		const time = resetTime(call);
		w.u8(dataTag.octetString);
		w.u8(5);
		w.u16(time.year);
		w.u8(time.month);
		w.u8(time.day);
		w.u8(time.weekday);
	},
};

const sinceLast: RegisterSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, application.billing.sinceLast_s()),
	scaler: 0,
	unit: unit.second,
};

const lockOut: RegisterSpec = {
	value: (w, { application }) => encodeDoubleLongUnsigned(w, application.billing.settings.lockOut_s),
	scaler: 0,
	unit: unit.second,
	setValue: (r, call) => changed(call.application.billing.settings.setLockOut(decodeDoubleLongUnsigned(r)), call),
};

const triggerMask: DataSpec = {
	value: (w, { application }) => encodeBits(w, application.billing.settings.mask, causes),
	setValue: (r, call) => changed(call.application.billing.settings.setMask(decodeBits(r, causes)), call),
};

const holdTime: RegisterSpec = {
	value: (w, { application }) => encodeLongUnsigned(w, application.billing.settings.hold_s),
	scaler: 0,
	unit: unit.second,
	setValue(r, call) {
		call.application.billing.settings.setHold(decodeLongUnsigned(r));
		return changed(true, call);
	},
};

/** Energy since the last reset of the maxima. @param index in `billedQuantities` */
function increment(index: number): RegisterSpec {
	return { index, value: encodeIncrement, scaler: energyScaler, unit: energyUnitOf(billedQuantities[index]!) };
}

function encodeIncrement(w: Writer, { application }: Call, index: number): void {
	application.energyGiven();
	encodeDoubleLongUnsigned(w, Math.floor(application.billing.energy_units(index) / unitsPerWh));
}

/** End of billing periods, and billing profile 2. The profiles stand with the others. */
export const billingObjects: readonly CosemObject[] = Object.freeze([
	object(scriptTable, "0-0:10.0.1.255", scriptRights, { scripts }),
	object(data, "1-0:0.1.0.255", readByConsumerToo, counter(0)),
	object(data, "1-0:0.1.1.255", readByConsumerToo, available(0)),
	object(data, "1-0:0.1.2.255", readByConsumerToo, timeStamp(0)),
	object(data, "1-0:0.1.3.255", readByStaff, counter(1)),
	object(data, "1-0:0.1.4.255", readByStaff, available(1)),
	object(data, "1-0:0.1.5.255", readByStaff, timeStamp(1)),
	object(register, "1-0:0.9.0.255", readByStaff, sinceLast),
	object(data, "1-0:0.9.6.255", readByStaff, timeOfReset),
	object(data, "1-0:0.9.7.255", readByStaff, dateOfReset),
	object(register, "1-0:0.9.12.255", writtenByManagement, lockOut),
	object(data, "0-0:96.50.1.255", writtenByManagement, triggerMask),
	object(register, "0-0:96.50.4.255", writtenByManagement, holdTime),
	...billedQuantities.map((c, index) => object(register, `1-0:${c}.9.0.255`, readByStaff, increment(index))),
]);
