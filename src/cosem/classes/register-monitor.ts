// SPDX-License-Identifier: Apache-2.0

import {
	decodeArray,
	encodeArray,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeStructure,
} from "../codec/axdr.js";
import type { Reader } from "../codec/reader.js";
import type { Writer } from "../codec/writer.js";
import { type Call, defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";
import { type ActionPair, type ActionPairs, decodeActionPair, encodeActionPair } from "../scripts/action-pair.js";

/** A monitor with one threshold. */
export interface RegisterMonitorSpec {
	readonly index: number;
	/** What it watches. */
	readonly classId: number;
	readonly logicalName: number;
	readonly attribute: number;
	encodeThreshold(w: Writer, call: Call, index: number): void;
	/** Left out where the threshold is fixed. @returns a `dataAccessResult` */
	setThreshold?(r: Reader, call: Call, index: number): number;
	pairs(call: Call): ActionPairs;
	/** Where the actions of this monitor are in `pairs`. */
	pairAt(call: Call, index: number): number;
	/** @throws DeviceError, unchanged */
	keepActions(call: Call, index: number, pair: ActionPair, client: number): void;
}

/** Register monitor, class_id 21, version 0 (Blue Book 4.5.7). */
export const registerMonitor = defineClass<RegisterMonitorSpec>({
	classId: 21,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "thresholds",
			encode(w, call, spec) {
				encodeArray(w, 1);
				spec.encodeThreshold(w, call, spec.index);
			},
			set(r, call, spec) {
				if (decodeArray(r) !== 1) return dataAccessResult.otherReason;
				return spec.setThreshold?.(r, call, spec.index) ?? dataAccessResult.readWriteDenied;
			},
		},
		{
			id: 3,
			name: "monitoredValue",
			encode(w, _call, { classId, logicalName, attribute }) {
				encodeStructure(w, 3);
				encodeLongUnsigned(w, classId);
				encodeLogicalName(w, logicalName);
				encodeInteger(w, attribute);
			},
		},
		{
			id: 4,
			name: "actions",
			encode(w, call, spec) {
				encodeArray(w, 1);
				encodeActionPair(w, spec.pairs(call), spec.pairAt(call, spec.index));
			},
			set(r, call, spec) {
				if (decodeArray(r) !== 1) return dataAccessResult.otherReason;
				return decodeActionPair(r, call, (pair, client) => spec.keepActions(call, spec.index, pair, client));
			},
		},
	],
	methods: [],
});
