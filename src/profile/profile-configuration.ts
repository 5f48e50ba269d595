// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { RecordStore } from "../storage/record-store.js";
import { type CaptureColumn, isSameColumn, maximumColumns } from "./capture-column.js";

/** 1: columns without their size; 2: with it. */
const layoutVersion = 2;
const offset = Object.freeze({ version: 0, generation: 1, period: 5, entries: 9, rowSize: 13, count: 15, columns: 16 });
const place = Object.freeze({ classId: 0, nameHigh: 2, nameLow: 4, attribute: 8, data: 9, limit: 11, size: 13 });
const version1ColumnSize = place.limit;
const recordSize = offset.columns + maximumColumns * place.size;

/**
 * What a client can set of a profile, with what the stored rows were made for: one record, so that all of it changes
 * together or not at all, and the rows with it. Made when it is needed, and dropped.
 */
export class ProfileConfiguration {
	readonly bytes = new Uint8Array(recordSize);
	readonly #view = new DataView(this.bytes.buffer);

	/** @returns false, and no meaning, when there is no record, or none that can be used */
	load(store: RecordStore, key: number): boolean {
		const length = readOrNothing(store, key, this.bytes);
		const version = this.bytes[offset.version]!;
		if (length < offset.columns || version < 1 || version > layoutVersion || this.count > maximumColumns) return false;
		const columnSize = version === 1 ? version1ColumnSize : place.size;
		if (length !== offset.columns + this.count * columnSize) return false;
		if (version === 1) this.upgrade();
		return true;
	}

	/** @throws DeviceError, with the old record still there */
	store(store: RecordStore, key: number): void {
		this.bytes[offset.version] = layoutVersion;
		store.write(key, this.bytes, offset.columns + this.count * place.size);
	}

	/** Changes with each change of the settings; rows of another generation do not exist. */
	get generation(): number {
		return this.#view.getUint32(offset.generation);
	}

	set generation(value: number) {
		this.#view.setUint32(offset.generation, value);
	}

	get capturePeriod_s(): number {
		return this.#view.getUint32(offset.period);
	}

	set capturePeriod_s(value: number) {
		this.#view.setUint32(offset.period, value);
	}

	/** Entries wanted, 1 or more. */
	get entries(): number {
		return this.#view.getUint32(offset.entries);
	}

	set entries(value: number) {
		this.#view.setUint32(offset.entries, value);
	}

	/** Octets of a stored row. */
	get rowSize(): number {
		return this.#view.getUint16(offset.rowSize);
	}

	set rowSize(value: number) {
		this.#view.setUint16(offset.rowSize, value);
	}

	/** Number of columns. */
	get count(): number {
		return this.bytes[offset.count]!;
	}

	set count(value: number) {
		this.bytes[offset.count] = value;
	}

	column(n: number): CaptureColumn {
		const v = this.#view;
		const at = offset.columns + n * place.size;
		return {
			classId: v.getUint16(at + place.classId),
			logicalName: v.getUint16(at + place.nameHigh) * 0x1_0000_0000 + v.getUint32(at + place.nameLow),
			attributeIndex: v.getInt8(at + place.attribute),
			dataIndex: v.getUint16(at + place.data),
		};
	}

	columns(): CaptureColumn[] {
		const columns: CaptureColumn[] = [];
		for (let n = 0; n < this.count; n++) columns.push(this.column(n));
		return columns;
	}

	/** Place of a column; -1 when it is none of these. */
	find(wanted: CaptureColumn): number {
		for (let n = 0; n < this.count; n++) if (isSameColumn(this.column(n), wanted)) return n;
		return -1;
	}

	/** Octets that column `n` can take in a row. */
	limit(n: number): number {
		return this.#view.getUint16(offset.columns + n * place.size + place.limit);
	}

	setColumn(n: number, { classId, logicalName, attributeIndex, dataIndex }: CaptureColumn): void {
		const v = this.#view;
		const at = offset.columns + n * place.size;
		v.setUint16(at + place.classId, classId);
		v.setUint16(at + place.nameHigh, Math.floor(logicalName / 0x1_0000_0000));
		v.setUint32(at + place.nameLow, logicalName % 0x1_0000_0000);
		v.setInt8(at + place.attribute, attributeIndex);
		v.setUint16(at + place.data, dataIndex);
	}

	setLimit(n: number, limit: number): void {
		this.#view.setUint16(offset.columns + n * place.size + place.limit, limit);
	}

	/** Spreads columns of version 1; their limits are 0. */
	private upgrade(): void {
		for (let n = this.count - 1; n >= 0; n--) {
			const from = offset.columns + n * version1ColumnSize;
			this.bytes.copyWithin(offset.columns + n * place.size, from, from + version1ColumnSize);
			this.setLimit(n, 0);
		}
	}
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
