// SPDX-License-Identifier: Apache-2.0
import type { Application } from "../application.js";
import { encodeInteger, encodeLogicalName, encodeLongUnsigned, encodeStructure } from "../codec/axdr.js";
import { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { Writer } from "../codec/writer.js";

/** An attribute of an object that is a parameter. */
export interface ParameterName {
	readonly classId: number;
	readonly logicalName: number;
	readonly attributeIndex: number;
}

/** Structure of class, logical name and attribute, without the value. */
const identifierSize = 15;

/**
 * Begins a row of a log whose second column is the changed parameter: the clock, and the structure up to the value, which
 * is for the caller to write; then `rowLogs.end`.
 * @param log index in `rowLogTable` @throws DeviceError when the medium refuses
 */
export function beginChangeRow({ rowLogs, clock }: Application, log: number, parameter: ParameterName): void {
	const w = new Writer(identifierSize);
	encodeStructure(w, 4);
	encodeLongUnsigned(w, parameter.classId);
	encodeLogicalName(w, parameter.logicalName);
	encodeInteger(w, parameter.attributeIndex);
	rowLogs.begin(log, clock.utc_s());
	rowLogs.octets(w.bytes, w.position);
}

/** Reader on the newest row of such a log, on its clock column; undefined without a row that can be read. */
export function newestChangeRow({ rowLogs, profileRow: row }: Application, log: number): Reader | undefined {
	const ring = rowLogs.ring(log);
	if (ring.entriesInUse === 0 || !rowLogs.readRow(log, ring.nextNumber - 1, row)) return undefined;
	return new Reader(row.bytes, row.columnsAt, row.columnsAt + row.length);
}

/** The same, on the changed parameter. */
export function newestChange(application: Application, log: number): Reader | undefined {
	const r = newestChangeRow(application, log);
	if (r !== undefined) skipValue(r);
	return r;
}

/** Passes tag and length of a changed parameter, and its name; the reader is then on the value. */
export function readParameterName(r: Reader): ParameterName {
	r.skip(2 + 1);
	const classId = r.u16();
	r.skip(2);
	const logicalName = r.u48();
	r.skip(1);
	return { classId, logicalName, attributeIndex: r.i8() };
}
