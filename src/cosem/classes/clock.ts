// SPDX-License-Identifier: Apache-2.0
import type { DateTime } from "../../clock/date-time.js";
import type { MeterClock } from "../../clock/meter-clock.js";
import { clockClass } from "../class-ids.js";
import {
	decodeBoolean,
	decodeInteger,
	decodeLong,
	decodeStructure,
	encodeBoolean,
	encodeEnum,
	encodeInteger,
	encodeLong,
	encodeUnsigned,
} from "../codec/axdr.js";
import { decodeDateTime, encodeDateTime } from "../codec/date-time.js";
import type { Reader } from "../codec/reader.js";
import { type Call, clientIndex, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";

const internalCrystal = 1;
const secondsPerQuarter = 900;

function stored(isInRange: boolean, call: Call): number {
	if (!isInRange) return dataAccessResult.otherReason;
	call.application.parameterChanged();
	return dataAccessResult.success;
}

/**
 * Moves the clock to the nearest multiple of `step_s` of local time; exactly half-way goes forward. From a time that is not
 * known there is nothing to adjust: it would pass for a valid one afterwards.
 */
function adjustTo(step_s: number, call: Call): number {
	const clock = call.application.clock;
	if (!clock.isValid) return dataAccessResult.otherReason;
	const now_s = clock.utc_s();
	const local_s = clock.local_s(now_s);
	clock.moveTo(now_s + Math.floor(local_s / step_s + 0.5) * step_s - local_s, true);
	return dataAccessResult.success;
}

function setDaylightSaving(which: "begin" | "end", r: Reader, call: Call): number {
	const pattern = decodeDateTime(r, call.application.time);
	pattern.encode(call.application.scratch, 0);
	return stored(call.application.clock.parameters.setDst(which, call.application.scratch, 0), call);
}

/** Technician and pre-established client may move the clock by a quarter of an hour a day in sum. */
const limitedClients: readonly number[] = Object.freeze([clientIndex.technician, clientIndex.preEstablished]);

/** @returns a `dataAccessResult` */
function move(call: Call, utc_s: number, isExact = false): number {
	// what a script calls has no association, and limited clients may not run any
	const client = call.association?.client.index;
	const isLimited = client !== undefined && limitedClients.includes(client);
	const isMoved = moveClock(call.application.clock, utc_s, isLimited, isExact);
	return isMoved ? dataAccessResult.success : dataAccessResult.otherReason;
}

/** @returns false, and nothing has changed, for a shift beyond what those with limited rights may (SEC-time) */
export function moveClock(meterClock: MeterClock, utc_s: number, isLimited: boolean, isExact = false): boolean {
	if (isLimited && !meterClock.takeShift(utc_s, isExact)) return false;
	meterClock.moveTo(utc_s, isExact);
	return true;
}

/** The last year that the clock can be set to (F44). */
const lastYear = 2099;

/** Decodes a complete date-time; undefined when a field is missing or out of the calendar. */
function decodePoint(r: Reader, call: Call): number | undefined {
	const time: DateTime = decodeDateTime(r, call.application.time);
	return time.isComplete() && time.year <= lastYear ? call.application.clock.toUtc_s(time) : undefined;
}

/** Clock, class_id 8, version 0 (Blue Book 4.5.1). */
export const clock = defineClass<null>({
	classId: clockClass,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "time",
			encode(w, { application }) {
				encodeDateTime(w, application.clock.stamp(application.clock.utc_s(), application.time));
			},
			set(r, call) {
				const utc_s = decodePoint(r, call);
				if (utc_s === undefined) return dataAccessResult.otherReason;
				return move(call, utc_s);
			},
		},
		{
			id: 3,
			name: "timeZone",
			encode: (w, { application }) => encodeLong(w, application.clock.parameters.timeZone_min),
			set: (r, call) => stored(call.application.clock.parameters.setTimeZone_min(decodeLong(r)), call),
		},
		{
			id: 4,
			name: "status",
			encode: (w, { application }) => encodeUnsigned(w, application.clock.status(application.clock.utc_s())),
		},
		{
			id: 5,
			name: "daylightSavingsBegin",
			encode: (w, { application }) => encodeDateTime(w, application.clock.parameters.dstBegin),
			set: (r, call) => setDaylightSaving("begin", r, call),
		},
		{
			id: 6,
			name: "daylightSavingsEnd",
			encode: (w, { application }) => encodeDateTime(w, application.clock.parameters.dstEnd),
			set: (r, call) => setDaylightSaving("end", r, call),
		},
		{
			id: 7,
			name: "daylightSavingsDeviation",
			encode: (w, { application }) => encodeInteger(w, application.clock.parameters.dstDeviation_min),
			set: (r, call) => stored(call.application.clock.parameters.setDstDeviation_min(decodeInteger(r)), call),
		},
		{
			id: 8,
			name: "daylightSavingsEnabled",
			encode: (w, { application }) => encodeBoolean(w, application.clock.parameters.dstEnabled),
			set: (r, call) => stored(call.application.clock.parameters.setDstEnabled(decodeBoolean(r)), call),
		},
		{ id: 9, name: "clockBase", encode: (w) => encodeEnum(w, internalCrystal) },
	],
	methods: [
		{
			id: 1,
			name: "adjustToQuarter",
			invoke(r, _w, call) {
				decodeInteger(r);
				return adjustTo(secondsPerQuarter, call);
			},
		},
		{
			id: 2,
			name: "adjustToMeasuringPeriod",
			invoke(r, _w, call) {
				decodeInteger(r);
				return adjustTo(call.application.measuringPeriod_s(), call);
			},
		},
		{
			id: 3,
			name: "adjustToMinute",
			invoke(r, _w, call) {
				decodeInteger(r);
				return adjustTo(60, call);
			},
		},
		{
			id: 4,
			name: "adjustToPresetTime",
			invoke(r, _w, { application }) {
				decodeInteger(r);
				return application.clock.applyPreset() ? dataAccessResult.success : dataAccessResult.otherReason;
			},
		},
		{
			id: 5,
			name: "presetAdjustingTime",
			invoke(r, _w, call) {
				decodeStructure(r, 3);
				const preset_s = decodePoint(r, call);
				const start_s = decodePoint(r, call);
				const end_s = decodePoint(r, call);
				if (preset_s === undefined || start_s === undefined || end_s === undefined || start_s > end_s)
					return dataAccessResult.otherReason;
				call.application.clock.preset(preset_s, start_s, end_s);
				return dataAccessResult.success;
			},
		},
		{
			id: 6,
			name: "shiftTime",
			invoke(r, _w, call) {
				const shift_s = decodeLong(r);
				const { clock: meterClock } = call.application;
				if (Math.abs(shift_s) > 900 || !meterClock.isValid) return dataAccessResult.otherReason;
				return move(call, meterClock.utc_s() + shift_s, true);
			},
		},
	],
});
