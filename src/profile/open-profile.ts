// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { RingLog } from "../storage/ring-log.js";
import type { CaptureColumn } from "./capture-column.js";
import { ProfileConfiguration } from "./profile-configuration.js";
import type { ProfilesParts } from "./profile-parts.js";
import { ProfileRow } from "./profile-row.js";
import { type ProfileStates, stateField } from "./profile-states.js";

/** A profile stays open for so long after a request; then its memory is given back. */
const linger_s = 2;
const none = -1;

/**
 * The one profile that is open: its configuration, read from its record, and the log of its entries. Whichever is asked for
 * takes the place of the one before; what its log knows is kept among the states, so that it is found again without a search.
 */
export class OpenProfile {
	/** Monotonic time at which what was opened for a request is closed. */
	closeAt_ms = Infinity;
	readonly #parts: ProfilesParts;
	readonly #states: ProfileStates;
	#index = none;
	#log: RingLog | undefined;
	#configuration: ProfileConfiguration | undefined;

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

	/** At start: finds configuration and entries. @returns whether the profile is there for the first time */
	start(index: number): boolean {
		const { definitions, parameters, host, size } = this.#parts;
		const definition = definitions[index]!;
		const configuration = new ProfileConfiguration();
		const isStored = configuration.load(parameters, definition.key);
		if (!isStored) {
			configuration.generation = 0;
			configuration.capturePeriod_s = definition.capturePeriod_s;
			configuration.entries = definition.entries[size];
			this.fill(
				configuration,
				definition.columns.filter((column) => host.maximumColumnSize(column) > 0),
			);
		}
		this.fit(configuration, definition.key, isStored);
		this.#states.set(index, stateField.period_s, configuration.capturePeriod_s);
		this.#states.set(index, stateField.last_s, -1);
		try {
			this.#configuration = configuration;
			this.#log = this.makeLog(index, configuration);
			this.#index = index;
			this.loadNewest(index);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#index = none;
			host.captureFailed();
		}
		this.close();
		return !isStored;
	}

	/** Another release may need longer rows for the same columns: then those that are stored cannot be kept. */
	private fit(configuration: ProfileConfiguration, key: number, isStored: boolean): void {
		let rowSize = ProfileRow.headerSize;
		let isOutdated = false;
		for (let n = 0; n < configuration.count; n++) {
			const limit = this.limitOf(configuration.column(n));
			rowSize += limit;
			if (limit > configuration.limit(n)) isOutdated = true;
			configuration.setLimit(n, Math.max(limit, configuration.limit(n)));
		}
		const isUsable = isStored && configuration.rowSize >= rowSize;
		if (!isUsable) {
			configuration.generation++;
			configuration.rowSize = rowSize;
		}
		if (!isUsable || isOutdated) configuration.store(this.#parts.parameters, key);
	}

	/**
	 * The new log is empty before the record makes it count: its generation has never been used.
	 * @throws DeviceError, and the old one counts
	 */
	replace(index: number, wanted: ProfileConfiguration): void {
		const { parameters, definitions } = this.#parts;
		let isChanged = false;
		try {
			wanted.generation++;
			const log = this.makeLog(index, wanted, true);
			wanted.store(parameters, definitions[index]!.key);
			isChanged = true;
			this.#log = log;
		} finally {
			// what is open is neither the old one nor the new one any more
			if (!isChanged) this.forget();
		}
		this.#states.set(index, stateField.period_s, wanted.capturePeriod_s);
		this.loadNewest(index);
	}

	/** @returns octets of a stored row */
	fill(into: ProfileConfiguration, columns: readonly CaptureColumn[]): number {
		let size = ProfileRow.headerSize;
		into.count = columns.length;
		for (let n = 0; n < columns.length; n++) {
			const limit = this.limitOf(columns[n]!);
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
		for (let number = nextNumber - 1; number >= firstNumber; number--) {
			if (!log.read(number, row.bytes)) continue;
			states.set(index, stateField.last_s, row.utc_s);
			states.set(index, stateField.lastLocal_s, row.local_s);
			states.set(index, stateField.run, (row.run + (number < nextNumber - 1 ? 1 : 0)) & 0xffff);
			return;
		}
	}

	/** @param isAnother not the one that the saved state belongs to */
	private makeLog(index: number, configuration: ProfileConfiguration, isAnother = false): RingLog {
		const { flash, partitions, buffers } = this.#parts;
		const { firstSector, sectorCount } = partitions[index]!;
		const { rowSize, entries: capacity, generation } = configuration;
		const shape = { rowSize, capacity, generation };
		const state = isAnother ? undefined : this.#states.values;
		return new RingLog(flash, firstSector, sectorCount, shape, buffers, state, this.#states.ringAt(index));
	}

	private open(index: number): void {
		const { definitions, parameters, clock } = this.#parts;
		this.close();
		const configuration = new ProfileConfiguration();
		if (!configuration.load(parameters, definitions[index]!.key))
			throw new DeviceError("flash", "corrupt", "configuration of a profile");
		const isFound = !Number.isNaN(this.#states.values[this.#states.ringAt(index)]!);
		this.#log = this.makeLog(index, configuration);
		this.#configuration = configuration;
		this.#index = index;
		if (!isFound) this.loadNewest(index);
		this.closeAt_ms = clock.monotonicAt_ms(clock.utc_s() + linger_s);
	}

	/** A column whose object has gone since it was set takes the one octet of null-data. */
	private limitOf(column: CaptureColumn): number {
		return Math.max(1, this.#parts.host.maximumColumnSize(column));
	}
}
