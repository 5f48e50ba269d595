// SPDX-License-Identifier: Apache-2.0
import { highestGroupCount, monitored, profileTimeLength } from "../../control/limiter-settings.js";
import type { Limits } from "../../control/limits.js";
import { demandRegisterClass, registerClass } from "../class-ids.js";
import {
	decodeArray,
	decodeDoubleLongUnsigned,
	decodeInteger,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeStructure,
	encodeArray,
	encodeBoolean,
	encodeDoubleLongUnsigned,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeOctetString,
	encodeStructure,
} from "../codec/axdr.js";
import { decodeDateTimeOctets } from "../codec/date-time.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { parseLogicalName } from "../logical-name.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";
import { decodeActionPair, encodeActionPair } from "../scripts/action-pair.js";
import { changed } from "./demand-register.js";

export interface LimiterSpec {
	/** 0 or 1. */
	readonly index: number;
}

const valueAttribute = 2;

/** What a limiter may watch, in the order of `monitored`. */
const monitoredNames: readonly number[] = Object.freeze(
	[
		"1-0:1.24.0.255",
		"1-0:15.24.0.255",
		"1-0:1.7.0.255",
		"1-0:31.7.0.255",
		"1-0:51.7.0.255",
		"1-0:71.7.0.255",
		"1-0:90.7.0.255",
	].map(parseLogicalName),
);

function classOf(which: number): number {
	return which <= monitored.averageAbsolute ? demandRegisterClass : registerClass;
}

export function limitsOf(call: Call): Limits {
	return call.application.limits!;
}

/** The type of the monitored value. */
function encodeThreshold(w: Writer, call: Call, n: number, threshold: number): void {
	if (limitsOf(call).settings.isCurrent(n)) encodeLongUnsigned(w, threshold);
	else encodeDoubleLongUnsigned(w, threshold);
}

function decodeThreshold(r: Reader, call: Call, n: number): number {
	return limitsOf(call).settings.isCurrent(n) ? decodeLongUnsigned(r) : decodeDoubleLongUnsigned(r);
}

function encodeActions(w: Writer, call: Call, n: number): void {
	const { settings } = limitsOf(call);
	encodeActionPair(w, settings, settings.limiterActions(n));
}

function decodeActions(r: Reader, call: Call, n: number): number {
	return decodeActionPair(r, call, ({ tables, scripts }, client) =>
		limitsOf(call).settings.change((settings) => {
			const at = settings.limiterActions(n);
			for (let which = 0; which < 2; which++) settings.setAction(at, which, tables[which]!, scripts[which]!);
			settings.setLimiterClient(n, client);
		}),
	);
}

function setDurations(n: number, over_s: number, under_s: number, call: Call): number {
	limitsOf(call).settings.change((settings) => settings.setDurations(n, over_s, under_s));
	return changed(true, call);
}

function decodeMonitoredValue(r: Reader, call: Call, n: number): number {
	decodeStructure(r, 3);
	const classId = decodeLongUnsigned(r);
	const which = monitoredNames.indexOf(decodeLogicalName(r));
	const attribute = decodeInteger(r);
	const isAllowed =
		which >= 0 &&
		classId === classOf(which) &&
		attribute === valueAttribute &&
		call.application.directory.find(monitoredNames[which]!) !== undefined;
	if (!isAllowed) return dataAccessResult.otherReason;
	limitsOf(call).setMonitored(n, which);
	return changed(true, call);
}

function encodeProfile(w: Writer, call: Call, n: number): void {
	const { settings } = limitsOf(call);
	const at = settings.profileTimeAt(n);
	encodeStructure(w, 3);
	encodeLongUnsigned(w, settings.profileId(n));
	encodeOctetString(w, settings.bytes, at, at + profileTimeLength);
	encodeDoubleLongUnsigned(w, settings.duration_s(n));
}

function decodeProfile(r: Reader, call: Call, n: number): number {
	const { clock, time } = call.application;
	decodeStructure(r, 3);
	const id = decodeLongUnsigned(r);
	const octets = decodeDateTimeOctets(r);
	const duration_s = decodeDoubleLongUnsigned(r);
	// deviation and status may say what they like when there is no time
	const isNow = octets.subarray(0, 9).every((octet) => octet === 0xff);
	time.decode(octets, 0);
	if (!isNow && !time.isComplete()) return dataAccessResult.otherReason;
	return changed(limitsOf(call).setProfile(n, id, octets, isNow ? undefined : clock.toUtc_s(time), duration_s), call);
}

function decodeGroups(r: Reader, call: Call, n: number): number {
	const count = decodeArray(r);
	const ids: number[] = [];
	for (let index = 0; index < count; index++) {
		const id = decodeLongUnsigned(r);
		if (index < highestGroupCount) ids.push(id);
	}
	if (count > highestGroupCount) return dataAccessResult.otherReason;
	limitsOf(call).settings.change((settings) => {
		for (let index = 0; index < count; index++) settings.setGroup(n, index, ids[index]!);
		settings.setGroupCount(n, count);
	});
	return changed(true, call);
}

/** Limiter, class_id 71, version 0 (Blue Book 4.5.9). */
export const limiter = defineClass<LimiterSpec>({
	classId: 71,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "monitoredValue",
			encode(w, call, { index }) {
				const which = limitsOf(call).settings.monitored(index);
				encodeStructure(w, 3);
				encodeLongUnsigned(w, classOf(which));
				encodeLogicalName(w, monitoredNames[which]!);
				encodeInteger(w, valueAttribute);
			},
			set: (r, call, { index }) => decodeMonitoredValue(r, call, index),
		},
		{
			id: 3,
			name: "thresholdActive",
			encode: (w, call, { index }) => encodeThreshold(w, call, index, limitsOf(call).threshold(index)),
		},
		{
			id: 4,
			name: "thresholdNormal",
			encode: (w, call, { index }) => encodeThreshold(w, call, index, limitsOf(call).settings.normal(index)),
			set(r, call, { index }) {
				const limits = limitsOf(call);
				const threshold = decodeThreshold(r, call, index);
				return changed(limits.setThresholds(index, threshold, limits.settings.emergency(index)), call);
			},
		},
		{
			id: 5,
			name: "thresholdEmergency",
			encode: (w, call, { index }) => encodeThreshold(w, call, index, limitsOf(call).settings.emergency(index)),
			set(r, call, { index }) {
				const limits = limitsOf(call);
				const normal = limits.settings.normal(index);
				const threshold = decodeThreshold(r, call, index);
				return changed(threshold <= normal && limits.setThresholds(index, normal, threshold), call);
			},
		},
		{
			id: 6,
			name: "minOverThresholdDuration",
			encode: (w, call, { index }) => encodeDoubleLongUnsigned(w, limitsOf(call).settings.minimumOver_s(index)),
			set(r, call, { index }) {
				const over_s = decodeDoubleLongUnsigned(r);
				return setDurations(index, over_s, limitsOf(call).settings.minimumUnder_s(index), call);
			},
		},
		{
			id: 7,
			name: "minUnderThresholdDuration",
			encode: (w, call, { index }) => encodeDoubleLongUnsigned(w, limitsOf(call).settings.minimumUnder_s(index)),
			set(r, call, { index }) {
				const under_s = decodeDoubleLongUnsigned(r);
				return setDurations(index, limitsOf(call).settings.minimumOver_s(index), under_s, call);
			},
		},
		{
			id: 8,
			name: "emergencyProfile",
			encode: (w, call, { index }) => encodeProfile(w, call, index),
			set: (r, call, { index }) => decodeProfile(r, call, index),
		},
		{
			id: 9,
			name: "emergencyProfileGroupIdList",
			maximumSize: () => 2 + 3 * highestGroupCount,
			encode(w, call, { index }) {
				const { settings } = limitsOf(call);
				const count = settings.groupCount(index);
				encodeArray(w, count);
				for (let n = 0; n < count; n++) encodeLongUnsigned(w, settings.group(index, n));
			},
			set: (r, call, { index }) => decodeGroups(r, call, index),
		},
		{
			id: 10,
			name: "emergencyProfileActive",
			encode: (w, call, { index }) => encodeBoolean(w, limitsOf(call).isEmergency(index)),
		},
		{
			id: 11,
			name: "actions",
			encode: (w, call, { index }) => encodeActions(w, call, index),
			set: (r, call, { index }) => decodeActions(r, call, index),
		},
	],
	methods: [],
});
