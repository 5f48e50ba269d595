// SPDX-License-Identifier: Apache-2.0
import { DateTime } from "../../clock/date-time.js";
import { clockColumnSize, rowLog } from "../../profile/row-log-table.js";
import {
	decodeArray,
	decodeEnum,
	decodeInteger,
	decodeLogicalName,
	decodeLongUnsigned,
	decodeOctetString,
	decodeStructure,
	encodeArray,
	encodeEnum,
	encodeInteger,
	encodeLogicalName,
	encodeLongUnsigned,
	encodeNull,
	encodeOctetString,
	encodeStructure,
} from "../codec/axdr.js";
import { encodeDateTime } from "../codec/date-time.js";
import type { Reader } from "../codec/reader.js";
import { Writer } from "../codec/writer.js";
import { type Call, defineClass, maximumElementSize } from "../model.js";
import { newestChange, newestChangeRow, type ParameterName } from "../parameters/change-rows.js";
import {
	hashAlgorithm,
	type MonitorSettings,
	maximumListName,
	maximumParameters,
} from "../parameters/parameter-monitor.js";
import { inPieces, type Pieces, pause } from "../pieces.js";
import { dataAccessResult } from "../result.js";

const never = Object.freeze(new DateTime());
const sizeOfSha256 = 32;
const sizeOfSha384 = 48;

function encodeParameter(w: Writer, { classId, logicalName, attributeIndex }: ParameterName): void {
	encodeStructure(w, 3);
	encodeLongUnsigned(w, classId);
	encodeLogicalName(w, logicalName);
	encodeInteger(w, attributeIndex);
}

function decodeParameter(r: Reader): ParameterName {
	decodeStructure(r, 3);
	const classId = decodeLongUnsigned(r);
	const logicalName = decodeLogicalName(r);
	return { classId, logicalName, attributeIndex: decodeInteger(r) };
}

function changeTo(settings: Partial<MonitorSettings>, { application }: Call): number {
	application.monitor.store(application.monitor.changed(settings));
	application.parameterChanged();
	return dataAccessResult.success;
}

const changeList = inPieces(function* (parameters: readonly ParameterName[], call: Call): Pieces {
	const { monitor } = call.application;
	for (let n = 0; n < parameters.length; n++) {
		yield pause.whenSpent;
		if (!monitor.mayWatch(parameters, n)) return dataAccessResult.otherReason;
	}
	if (!monitor.isComplete(parameters)) return dataAccessResult.otherReason;
	const settings = monitor.changed({ parameters });
	yield pause.always;
	monitor.store(settings);
	yield pause.always;
	monitor.check(); // which finds nothing then, when the change is told
	yield pause.always;
	call.application.parameterChanged();
	return dataAccessResult.success;
});

/** Digest of attribute 8 as it is encoded, tags and all; empty without a hash. */
function digest({ application }: Call): Uint8Array {
	const { cipher } = application;
	const settings = application.monitor.settings();
	const w = new Writer(maximumElementSize);
	application.monitor.encodeValues(w, settings);
	const values = w.bytes.subarray(0, w.position);
	switch (settings.hashAlgorithm) {
		case hashAlgorithm.sha256: {
			const into = new Uint8Array(sizeOfSha256);
			cipher.sha256(values, into);
			return into;
		}
		case hashAlgorithm.sha384: {
			const into = new Uint8Array(sizeOfSha384);
			cipher.digest("sha384", values, into);
			return into;
		}
		default:
			return new Uint8Array(0);
	}
}

/**
 * Parameter monitor, class_id 65, version 1 (Blue Book 4.5.10). What changed last is the newest row of the parameter monitor
 * log, 0-0:99.16.0.
 */
export const parameterMonitor = defineClass<null>({
	classId: 65,
	version: 1,
	attributes: [
		{
			id: 2,
			name: "changedParameter",
			encode(w, { application }) {
				const r = newestChange(application, rowLog.parameters);
				if (r !== undefined) {
					w.octets(r.bytes, r.position, r.end);
					return;
				}
				encodeStructure(w, 4);
				encodeLongUnsigned(w, 0);
				encodeLogicalName(w, 0);
				encodeInteger(w, 0);
				encodeNull(w);
			},
		},
		{
			id: 3,
			name: "captureTime",
			encode(w, { application }) {
				const r = newestChangeRow(application, rowLog.parameters);
				if (r === undefined) encodeDateTime(w, never);
				else w.octets(r.bytes, r.position, r.position + clockColumnSize);
			},
		},
		{
			id: 4,
			name: "parameterList",
			encode(w, { application }) {
				const { parameters } = application.monitor.settings();
				encodeArray(w, parameters.length);
				for (let n = 0; n < parameters.length; n++) encodeParameter(w, parameters[n]!);
			},
			set(r, call) {
				const count = decodeArray(r);
				if (count > maximumParameters) return dataAccessResult.otherReason;
				const parameters: ParameterName[] = [];
				for (let n = 0; n < count; n++) parameters.push(decodeParameter(r));
				return changeList(parameters, call);
			},
		},
		{
			id: 5,
			name: "parameterListName",
			encode: (w, { application }) => encodeOctetString(w, application.monitor.settings().listName),
			set(r, call) {
				const listName = decodeOctetString(r);
				if (listName.length > maximumListName) return dataAccessResult.otherReason;
				return changeTo({ listName }, call);
			},
		},
		{
			id: 6,
			name: "hashAlgorithmId",
			encode: (w, { application }) => encodeEnum(w, application.monitor.settings().hashAlgorithm),
			set(r, call) {
				const id = decodeEnum(r);
				if (id > hashAlgorithm.sha384) return dataAccessResult.otherReason;
				return changeTo({ hashAlgorithm: id }, call);
			},
		},
		{ id: 7, name: "parameterValueDigest", encode: (w, call) => encodeOctetString(w, digest(call)) },
		{
			id: 8,
			name: "parameterValues",
			encode: (w, { application: { monitor } }) => monitor.encodeValues(w, monitor.settings()),
		},
	],
	methods: [
		{
			id: 1,
			name: "addParameter",
			invoke: (r, _w, call) =>
				changeList([...call.application.monitor.settings().parameters, decodeParameter(r)], call),
		},
		{
			id: 2,
			name: "deleteParameter",
			invoke(r, _w, call) {
				const { classId, logicalName, attributeIndex } = decodeParameter(r);
				const { parameters } = call.application.monitor.settings();
				const left = parameters.filter(
					(parameter) =>
						parameter.classId !== classId ||
						parameter.logicalName !== logicalName ||
						parameter.attributeIndex !== attributeIndex,
				);
				return left.length === parameters.length ? dataAccessResult.otherReason : changeList(left, call);
			},
		},
	],
});
