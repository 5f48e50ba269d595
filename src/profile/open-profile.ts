// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { RingLog } from "../storage/ring-log.js";
import type { CaptureColumn } from "./capture-column.js";
import { ProfileConfiguration } from "./profile-configuration.js";
import type { ProfileDefinition } from "./profile-definition.js";
import type { ProfilesParts } from "./profile-parts.js";
import { ProfileRow } from "./profile-row.js";
import { type ProfileStates, stateField } from "./profile-states.js";
import { isSorted } from "./sort-method.js";
import { SortedRows, sortedRowsThatFit } from "./sorted-rows.js";

/** A profile stays open for so long after a request; then its memory is given back. */
const linger_s = 2;
const none = -1;
/** Sorted rows are no rows of a profile in the order of capture, nor the other way round. */
const sortedGeneration = 0x8000_0000;

/**
 * The one profile that is open: its configuration, read from its record, and the log of its entries. Whichever is asked for
 * takes the place of the one before; what its log knows is kept among the states, so that it is found again without a search.
 * The order of a sorted profile stays: to find it takes all the rows of its log.
 */
export class OpenProfile {
	/** Monotonic time at which what was opened for a request is closed. */
	closeAt_ms = Infinity;
	readonly #parts: ProfilesParts;
	readonly #states: ProfileStates;
	#index = none;
	#log: RingLog | undefined;
	#configuration: ProfileConfiguration | undefined;
	/** By index of the profile; not even a slot where no profile is sorted. */
	declare private orders: (SortedRows | undefined)[] | undefined;

	constructor(parts: ProfilesParts, states: ProfileStates) {
		this.#parts = parts;
		this.#states = states;
	}

	/** The entries of a profile; valid until another one is asked for, or it is closed. @throws DeviceError */
	log(index: number): RingLog {
		if (this.#index !== index) this.open(index);
		return this.#log!;
	}

	/** As `log`. */
	configuration(index: number): ProfileConfiguration {
		if (this.#index !== index) this.open(index);
		return this.#configuration!;
	}

	/** The order of the entries of a profile that is sorted; otherwise undefined. Valid as `log`. @throws DeviceError */
	sorted(index: number): SortedRows | undefined {
		if (this.orders === undefined || !isSorted(this.#parts.definitions[index]!.sortMethod)) return undefined;
		if (this.#index !== index) this.open(index);
		return this.orders[index];
	}

	/** The sort object of the entry in the row buffer, one of the open profile. */
	sortValue(index: number): number {
		const { definitions, host, row } = this.#parts;
		const column = this.#configuration!.find(definitions[index]!.sortObject);
		if (column === 0) return row.utc_s; // the clock
		return column < 0 ? Number.NaN : host.sortValue(row, column);
	}

	/** @throws DeviceError, with the entries still there */
	clear(index: number): void {
		this.log(index).clear();
		this.sorted(index)?.clear();
		this.loadNewest(index);
		this.keep();
	}

	/** Most entries of rows of so many octets. */
	highestEntries(index: number, rowSize: number): number {
		const { flash, partitions, size, definitions } = this.#parts;
		const { sectorCount } = partitions[index]!;
		return isSorted(definitions[index]!.sortMethod)
			? sortedRowsThatFit(flash.sectorSize, sectorCount, rowSize, size)
			: RingLog.rowsThatFit(flash.sectorSize, sectorCount, rowSize);
	}

	/** At start: finds configuration and entries. @returns whether the profile is there for the first time */
	start(index: number): boolean {
		const { definitions, parameters, host, size } = this.#parts;
		const definition = definitions[index]!;
		if (isSorted(definition.sortMethod)) this.orders ??= [];
		const configuration = new ProfileConfiguration();
		const isStored = configuration.load(parameters, definition.key);
		let isUsable = isStored;
		if (!isStored) {
			configuration.generation = 0;
			configuration.capturePeriod_s = definition.capturePeriod_s;
			configuration.entries = definition.entries[size];
		}
		if (!isStored || this.isUnsortable(definition, configuration)) {
			isUsable = false;
			this.fill(
				index,
				configuration,
				definition.columns.filter((column) => host.maximumColumnSize(column) > 0),
			);
		}
		this.fit(index, configuration, isUsable);
		this.#states.set(index, stateField.period_s, configuration.capturePeriod_s);
		this.#states.set(index, stateField.last_s, -1);
		try {
			this.use(index, configuration, this.makeLog(index, configuration));
			this.loadNewest(index);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#index = none;
			host.captureFailed();
		}
		this.close();
		return !isStored;
	}

	/** Another release may sort by what was not captured so far: then the columns are those as from the factory. */
	private isUnsortable({ sortMethod, sortObject }: ProfileDefinition, configuration: ProfileConfiguration): boolean {
		const isMissing = isSorted(sortMethod) && configuration.find(sortObject) < 0;
		return isMissing && this.#parts.host.maximumColumnSize(sortObject) > 0;
	}

	/**
	 * Another release may need longer rows for the same columns: then those that are stored cannot be kept.
	 * @param isKnown the columns are those of the stored rows
	 */
	private fit(index: number, configuration: ProfileConfiguration, isKnown: boolean): void {
		let rowSize = this.frameSize(index);
		let isOutdated = false;
		for (let n = 0; n < configuration.count; n++) {
			const limit = this.limitOf(configuration.column(n));
			rowSize += limit;
			if (limit > configuration.limit(n)) isOutdated = true;
			configuration.setLimit(n, Math.max(limit, configuration.limit(n)));
		}
		const isUsable = isKnown && configuration.rowSize >= rowSize;
		if (!isUsable) {
			configuration.generation++;
			configuration.rowSize = rowSize;
		}
		const { parameters, definitions } = this.#parts;
		if (!isUsable || isOutdated) configuration.store(parameters, definitions[index]!.key);
	}

	/**
	 * The new log is empty before the record makes it count: its generation has never been used.
	 * @throws DeviceError, and the old one counts
	 */
	replace(index: number, wanted: ProfileConfiguration): void {
		const { parameters, definitions } = this.#parts;
		let isChanged = false;
		this.keep();
		try {
			wanted.generation++;
			const log = this.makeLog(index, wanted, true);
			wanted.store(parameters, definitions[index]!.key);
			isChanged = true;
			this.dropOrder(index);
			this.use(index, wanted, log);
		} finally {
			// what is open is neither the old one nor the new one any more
			if (!isChanged) this.forget();
		}
		this.#states.set(index, stateField.period_s, wanted.capturePeriod_s);
		this.loadNewest(index);
	}

	/**
	 * @param limits of the columns, where they are known
	 * @returns octets of a stored row; `Infinity`, half filled, for a column that cannot be stored
	 */
	fill(index: number, into: ProfileConfiguration, columns: readonly CaptureColumn[], limits?: Uint16Array): number {
		let size = this.frameSize(index);
		into.count = columns.length;
		for (let n = 0; n < columns.length; n++) {
			const limit = limits?.[n] ?? this.#parts.host.maximumColumnSize(columns[n]!);
			if (limit < 1) return Infinity;
			into.setColumn(n, columns[n]!);
			into.setLimit(n, limit);
			size += limit;
		}
		return size;
	}

	/** Erases ahead, so that the next entry only programs. */
	makeRoom(): void {
		try {
			this.#log?.makeRoom();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // the next capture tries again, and tells
		}
	}

	/** Keeps what the open log knows. */
	keep(): void {
		if (this.#index >= 0) this.#log!.saveState(this.#states.values, this.#states.ringAt(this.#index));
	}

	/** Gives the memory of the open profile back. */
	close(): void {
		this.keep();
		this.forget();
	}

	/** What is open from now on. @throws DeviceError, and nothing is */
	private use(index: number, configuration: ProfileConfiguration, log: RingLog): void {
		this.#configuration = configuration;
		this.#log = log;
		const { sortMethod } = this.#parts.definitions[index]!;
		if (this.orders !== undefined && isSorted(sortMethod)) this.orders[index] ??= this.findOrder(index, sortMethod);
		this.#index = index;
	}

	/** Of the profile that is being opened. @throws DeviceError */
	private findOrder(index: number, sortMethod: number): SortedRows {
		const { entries, rowSize } = this.#configuration!;
		const highest = this.highestEntries(index, rowSize);
		const order = new SortedRows(sortMethod, Math.max(1, Math.min(entries, highest)));
		order.load(this.#log!, this.#parts.row, () => this.sortValue(index));
		return order;
	}

	private dropOrder(index: number): void {
		if (this.orders !== undefined) this.orders[index] = undefined;
	}

	/** Octets of a stored row besides its columns. */
	private frameSize(index: number): number {
		const { sortMethod } = this.#parts.definitions[index]!;
		return ProfileRow.headerSize + (isSorted(sortMethod) ? ProfileRow.serialSize : 0);
	}

	private forget(): void {
		this.#index = none;
		this.#log = undefined;
		this.#configuration = undefined;
		this.closeAt_ms = Infinity;
	}

	/** Takes stamp and run from the newest entry that can be read, and leaves it in the row buffer. */
	loadNewest(index: number): void {
		const log = this.#log!;
		const states = this.#states;
		const { row } = this.#parts;
		const { firstNumber, nextNumber } = log;
		states.set(index, stateField.last_s, -1);
		states.set(index, stateField.lastLocal_s, -1);
		states.set(index, stateField.run, 0);
		const newest = this.sorted(index)?.newestNumber ?? nextNumber - 1;
		for (let number = newest; number >= firstNumber; number--) {
			if (!log.read(number, row.bytes)) continue;
			states.set(index, stateField.last_s, row.utc_s);
			states.set(index, stateField.lastLocal_s, row.local_s);
			states.set(index, stateField.run, (row.run + (number < nextNumber - 1 ? 1 : 0)) & 0xffff);
			return;
		}
	}

	/** @param isSuccessor of the one that the saved state belongs to */
	private makeLog(index: number, configuration: ProfileConfiguration, isSuccessor = false): RingLog {
		const { flash, partitions, buffers, definitions } = this.#parts;
		const { firstSector, sectorCount } = partitions[index]!;
		const { rowSize, entries, generation } = configuration;
		const shape = isSorted(definitions[index]!.sortMethod)
			? { rowSize, capacity: Infinity, generation: (generation ^ sortedGeneration) >>> 0 }
			: { rowSize, capacity: entries, generation };
		const { values } = this.#states;
		const stateAt = this.#states.ringAt(index);
		return new RingLog(flash, firstSector, sectorCount, shape, buffers, values, stateAt, isSuccessor);
	}

	private open(index: number): void {
		const { definitions, parameters, clock } = this.#parts;
		this.close();
		const configuration = new ProfileConfiguration();
		if (!configuration.load(parameters, definitions[index]!.key))
			throw new DeviceError("flash", "corrupt", "configuration of a profile");
		const isFound = !Number.isNaN(this.#states.values[this.#states.ringAt(index)]!);
		this.use(index, configuration, this.makeLog(index, configuration));
		if (!isFound) this.loadNewest(index);
		this.closeAt_ms = clock.monotonicAt_ms(clock.utc_s() + linger_s);
	}

	/** A column whose object has gone since it was set takes the one octet of null-data. */
	private limitOf(column: CaptureColumn): number {
		return Math.max(1, this.#parts.host.maximumColumnSize(column));
	}
}
