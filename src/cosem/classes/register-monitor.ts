// SPDX-License-Identifier: Apache-2.0
import {
	decodeArray,
	decodeLongUnsigned,
	encodeArray,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeStructure,
} from "../codec/axdr.js";
import { CodecError } from "../codec/codec-error.js";
import { parseLogicalName } from "../logical-name.js";
import { defineClass } from "../model.js";
import { dataAccessResult } from "../result.js";
import { changed } from "./demand-register.js";
import { decodeActions, encodeActions, limitsOf } from "./limiter.js";

export interface RegisterMonitorSpec {
	/** Phase - 1. */
	readonly index: number;
}

const demandRegisterClass = 5;
const lastAverageValue = 3;
const monitoredNames: readonly number[] = Object.freeze(
	["1-0:31.4.0.255", "1-0:51.4.0.255", "1-0:71.4.0.255"].map(parseLogicalName),
);

/** Register monitor, class_id 21, version 0 (Blue Book 4.5.7), with one threshold on a long-unsigned average current. */
export const registerMonitor = defineClass<RegisterMonitorSpec>({
	classId: 21,
	version: 0,
	attributes: [
		{
			id: 2,
			name: "thresholds",
			encode(w, call, { index }) {
				encodeArray(w, 1);
				encodeLongUnsigned(w, limitsOf(call).settings.monitorThreshold(index));
			},
			set(r, call, { index }) {
				if (decodeArray(r) !== 1) return dataAccessResult.otherReason;
				limitsOf(call).setMonitorThreshold(index, decodeLongUnsigned(r));
				return changed(true, call);
			},
		},
		{
			id: 3,
			name: "monitoredValue",
			encode(w, _call, { index }) {
				encodeStructure(w, 3);
				encodeLongUnsigned(w, demandRegisterClass);
				encodeLogicalName(w, monitoredNames[index]!);
				encodeInteger(w, lastAverageValue);
			},
		},
		{
			id: 4,
			name: "actions",
			encode(w, call, { index }) {
				encodeArray(w, 1);
				encodeActions(w, call, limitsOf(call).settings.monitorActions(index));
			},
			set(r, call, { index }) {
				const at = r.position;
				if (decodeArray(r) !== 1) throw new CodecError("type", at);
				const { settings } = limitsOf(call);
				return decodeActions(r, call, settings.monitorActions(index), (client) =>
					settings.setMonitorClient(index, client),
				);
			},
		},
	],
	methods: [],
});
