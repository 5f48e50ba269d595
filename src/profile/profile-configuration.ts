// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { RecordStore } from "../storage/record-store.js";
import { type CaptureColumn, maximumColumns } from "./capture-column.js";

/** What a client can set; as from the factory when nothing was stored. */
export interface ProfileSettings {
	/** Seconds, one of `capturePeriods_s`. */
	readonly capturePeriod_s: number;
	/** Entries wanted, 1 or more. */
	readonly entries: number;
	readonly columns: readonly CaptureColumn[];
}

/** Settings as stored, with what the stored rows were made for. */
export interface ProfileConfiguration extends ProfileSettings {
	/** Changes with each change of the settings; rows of another generation do not exist. */
	readonly generation: number;
	/** Octets of a stored row. */
	readonly rowSize: number;
}

/** Periods of load profiles, seconds (IDIS; 5, 10, 15, 30, 60 minutes and 24 hours). */
export const capturePeriods_s: readonly number[] = Object.freeze([300, 600, 900, 1800, 3600, 86_400]);

const layoutVersion = 1;
const offset = Object.freeze({ version: 0, generation: 1, period: 5, entries: 9, rowSize: 13, count: 15, columns: 16 });
const column = Object.freeze({ classId: 0, nameHigh: 2, nameLow: 4, attribute: 8, data: 9, size: 11 });
const recordSize = offset.columns + maximumColumns * column.size;

/** Stores all settings in one record: they change together or not at all, and the rows with them. */
export function writeConfiguration(store: RecordStore, key: number, configuration: ProfileConfiguration): void {
	const bytes = new Uint8Array(recordSize);
	const v = new DataView(bytes.buffer);
	v.setUint8(offset.version, layoutVersion);
	v.setUint32(offset.generation, configuration.generation);
	v.setUint32(offset.period, configuration.capturePeriod_s);
	v.setUint32(offset.entries, configuration.entries);
	v.setUint16(offset.rowSize, configuration.rowSize);
	v.setUint8(offset.count, configuration.columns.length);
	let at = offset.columns;
	for (let n = 0; n < configuration.columns.length; n++) {
		const { classId, logicalName, attributeIndex, dataIndex } = configuration.columns[n]!;
		v.setUint16(at + column.classId, classId);
		v.setUint16(at + column.nameHigh, Math.floor(logicalName / 0x1_0000_0000));
		v.setUint32(at + column.nameLow, logicalName % 0x1_0000_0000);
		v.setInt8(at + column.attribute, attributeIndex);
		v.setUint16(at + column.data, dataIndex);
		at += column.size;
	}
	store.write(key, bytes, at);
}

/** Undefined when there is none, or none that can be used. */
export function readConfiguration(store: RecordStore, key: number): ProfileConfiguration | undefined {
	const bytes = new Uint8Array(recordSize);
	const length = readOrNothing(store, key, bytes);
	const count = bytes[offset.count]!;
	if (length < offset.columns || bytes[offset.version] !== layoutVersion) return undefined;
	if (count > maximumColumns || length !== offset.columns + count * column.size) return undefined;
	const v = new DataView(bytes.buffer);
	const columns: CaptureColumn[] = [];
	for (let n = 0, at: number = offset.columns; n < count; n++, at += column.size) {
		columns.push({
			classId: v.getUint16(at + column.classId),
			logicalName: v.getUint16(at + column.nameHigh) * 0x1_0000_0000 + v.getUint32(at + column.nameLow),
			attributeIndex: v.getInt8(at + column.attribute),
			dataIndex: v.getUint16(at + column.data),
		});
	}
	return {
		generation: v.getUint32(offset.generation),
		capturePeriod_s: v.getUint32(offset.period),
		entries: v.getUint32(offset.entries),
		rowSize: v.getUint16(offset.rowSize),
		columns,
	};
}

/** A damaged record is no record. */
function readOrNothing(store: RecordStore, key: number, into: Uint8Array): number {
	try {
		return store.read(key, into);
	} catch (error) {
		if (error instanceof DeviceError || error instanceof RangeError) return -1;
		throw error;
	}
}
