// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../core/device-error.js";
import { standardEvent } from "../../events/event-codes.js";
import { eventLog } from "../../events/event-sink.js";
import { longestParameterValue, rowLog } from "../../profile/row-log-table.js";
import type { Application } from "../application.js";
import { encodeNull } from "../codec/axdr.js";
import { dataTag } from "../codec/data-tag.js";
import type { Reader } from "../codec/reader.js";
import { skipValue } from "../codec/skip-value.js";
import { Writer } from "../codec/writer.js";
import type { AttributeDefinition, Call } from "../model.js";
import { dataAccessResult } from "../result.js";
import { beginChangeRow, newestChange, readParameterName } from "./change-rows.js";

/** Changes that the certification log takes; then no sealed parameter can be changed any more (WELMEC 7.2, P7). */
export const certifiedChanges = 100;
/** From here on an event tells with each change that the log is nearly full. */
const nearlyFull = 90;
const value = 2;

/** What is changed: attribute 2 of an object. */
export interface SealedObject {
	readonly classId: number;
	readonly logicalName: number;
}

/**
 * Changes a sealed parameter: first the row in the certification log, with old and new value, then the change itself.
 * Should the change not come into effect after all, a row says so. A power cut between the two is made up for at the start
 * (`settleCertification`).
 *
 * @param r on the new value, which is allowed; it is not moved
 * @param encodeOld writes the present value
 * @param apply changes and stores; false or DeviceError when it could not
 * @returns a `dataAccessResult`
 */
export function changeSealed(
	call: Call,
	sealed: SealedObject,
	r: Reader,
	encodeOld: (w: Writer) => void,
	apply: () => boolean,
): number {
	const { application } = call;
	const entries = application.rowLogs.ring(rowLog.certification).entriesInUse;
	if (!application.isSealOpen() || entries >= certifiedChanges) return dataAccessResult.otherReason;
	const before = new Writer(longestParameterValue);
	encodeOld(before);
	const from = r.position;
	skipValue(r);
	const after = new Writer(longestParameterValue);
	after.octets(r.bytes, from, r.position);
	append(application, sealed, after, before);
	let isDone = false;
	try {
		isDone = apply();
	} finally {
		if (!isDone) append(application, sealed, before, after);
	}
	if (!isDone) return dataAccessResult.hardwareFault;
	application.protectedParameterChanged();
	if (entries >= nearlyFull) application.events.event(eventLog.standard, standardEvent.certificationNearlyFull);
	return dataAccessResult.success;
}

/** @throws DeviceError when the medium refuses */
function append(application: Application, sealed: SealedObject, after: Writer, before: Writer): void {
	const { rowLogs } = application;
	const { classId, logicalName } = sealed;
	beginChangeRow(application, rowLog.certification, { classId, logicalName, attributeIndex: value });
	rowLogs.octets(after.bytes, after.position);
	rowLogs.octets(before.bytes, before.position);
	rowLogs.end();
}

/** Writes the previous value of the parameter that was changed last; null-data before the first change. */
export function encodePreviousValue(w: Writer, application: Application): void {
	const r = newestChange(application, rowLog.certification);
	if (r === undefined) {
		encodeNull(w);
		return;
	}
	skipValue(r);
	w.octets(r.bytes, r.position, r.end);
}

/**
 * At start: when power failed behind a row of the certification log and before its change, a row says that the change did
 * not come into effect.
 */
export function settleCertification(application: Application): void {
	const r = newestChange(application, rowLog.certification);
	if (r?.peek() !== dataTag.structure) return;
	const { classId, logicalName } = readParameterName(r);
	const object = application.directory.find(logicalName);
	const attribute = object?.definition.attributes.find(({ id }: AttributeDefinition<never>) => id === value);
	if (object?.definition.classId !== classId || attribute?.encode === undefined) return;
	const present = new Writer(longestParameterValue);
	attribute.encode(present, { application, association: undefined as never }, object.spec as never);
	const from = r.position;
	skipValue(r);
	let isSame = r.position - from === present.position;
	for (let n = 0; isSame && n < present.position; n++) isSame = r.bytes[from + n] === present.bytes[n];
	if (isSame) return;
	const after = new Writer(longestParameterValue);
	after.octets(r.bytes, from, r.position);
	try {
		append(application, { classId, logicalName }, present, after);
	} catch (error) {
		if (!(error instanceof DeviceError)) throw error;
		application.events.memoryFailed();
	}
}
