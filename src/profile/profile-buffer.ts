// SPDX-License-Identifier: Apache-2.0
import type { CaptureColumn } from "./capture-column.js";
import type { ProfileRow } from "./profile-row.js";
import type { Profiles } from "./profiles.js";
import type { RowBuffer } from "./row-buffer.js";
import type { SortedRows } from "./sorted-rows.js";

/** One profile of a set. Holds nothing: made for a request, dropped after it. */
export class ProfileBuffer implements RowBuffer {
	readonly #profiles: Profiles;
	readonly #index: number;

	/** @param index place in the table of definitions */
	constructor(profiles: Profiles, index: number) {
		this.#profiles = profiles;
		this.#index = index;
	}

	get columns(): readonly CaptureColumn[] {
		return this.#profiles.configuration(this.#index).columns();
	}

	get columnCount(): number {
		return this.#profiles.configuration(this.#index).count;
	}

	column(index: number): CaptureColumn {
		return this.#profiles.configuration(this.#index).column(index);
	}

	get capturePeriod_s(): number {
		return this.#profiles.capturePeriod_s(this.#index);
	}

	get sortMethod(): number {
		return this.#profiles.definition(this.#index).sortMethod;
	}

	get sortObject(): CaptureColumn {
		return this.#profiles.definition(this.#index).sortObject;
	}

	get sorted(): SortedRows | undefined {
		return this.#profiles.sorted(this.#index);
	}

	/** What was asked for, or what the sectors hold of rows of this size. */
	get profileEntries(): number {
		return (this.sorted ?? this.#profiles.log(this.#index)).capacity;
	}

	get entriesInUse(): number {
		return this.sorted?.count ?? this.#profiles.log(this.#index).entriesInUse;
	}

	get firstNumber(): number {
		return this.#profiles.log(this.#index).firstNumber;
	}

	get nextNumber(): number {
		return this.#profiles.log(this.#index).nextNumber;
	}

	/** As of `Profiles`. */
	get status(): number {
		return this.#profiles.status(this.#index);
	}

	readRow(number: number, into: ProfileRow): boolean {
		return this.#profiles.readRow(this.#index, number, into);
	}

	reset(): void {
		this.#profiles.reset(this.#index);
	}

	prepareCapture(): void {
		this.#profiles.prepareCapture();
	}

	capture(): boolean {
		return this.#profiles.capture(this.#index);
	}

	hasColumns(columns: readonly CaptureColumn[]): boolean {
		return this.#profiles.hasColumns(this.#index, columns);
	}

	columnLimit(column: CaptureColumn): number {
		return this.#profiles.columnLimit(column);
	}

	setColumns(columns: readonly CaptureColumn[], limits?: Uint16Array): boolean {
		return this.#profiles.setColumns(this.#index, columns, limits);
	}

	setCapturePeriod(period_s: number): boolean {
		return this.#profiles.setCapturePeriod(this.#index, period_s);
	}

	setProfileEntries(entries: number): boolean {
		return this.#profiles.setProfileEntries(this.#index, entries);
	}
}
