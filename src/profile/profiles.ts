// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { boundaryAfter, boundaryUpTo, isBoundary } from "../core/local-periods.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { RingLog } from "../storage/ring-log.js";
import { type CaptureColumn, isSameColumn, maximumColumns, maximumContent } from "./capture-column.js";
import { EntryCapture } from "./entry-capture.js";
import { OpenProfile } from "./open-profile.js";
import type { ProfileConfiguration } from "./profile-configuration.js";
import type { ProfileDefinition } from "./profile-definition.js";
import type { ProfilesParts } from "./profile-parts.js";
import { ProfileRow, profileStatus } from "./profile-row.js";
import { ProfileStates, stateField } from "./profile-states.js";
import type { SortedRows } from "./sorted-rows.js";

/** Steps back of the clock up to the largest time-shift limit do not repeat an entry, also over a restart. */
const longestSynchronisation_s = 60;
/**
 * The profiles of a meter, behind its profile generic objects: rows of encoded columns, captured at multiples of a period from
 * local midnight, or when something happens. A profile is named by its place in the table of definitions.
 *
 * - A power failure gives no filler rows, but for the one of `supplyReturned`; the first entry after it carries `powerDown`.
 *   An entry is stamped with its boundary, also when it is late; of several boundaries missed only the last gives an entry,
 *   with `dataNotValid`.
 * - Clock set forward over boundaries: one entry, stamped with the last of them, `clockAdjusted` and `dataNotValid`; the
 *   interval entered in its middle carries the same. Set back: entries with stamps that were there before follow. A mere
 *   synchronisation marks nothing, skips no boundary and repeats none.
 * - Daylight saving: the repeated hour is captured, a skipped hour is not; UTC spacing stays regular.
 * - A change of period, columns or number of entries clears the entries, atomically with the change.
 * - A profile whose store fails loses its entries; the others go on.
 *
 * At rest there are a few numbers of each. One is open at a time: its configuration, read from its record, and its log.
 */
export class Profiles implements Task {
	readonly priority: number = taskPriority.profile;
	deadline_ms = Infinity;
	readonly row: ProfileRow;
	readonly #parts: ProfilesParts;
	readonly #states: ProfileStates;
	readonly #open: OpenProfile;
	readonly #entries: EntryCapture;

	constructor(parts: ProfilesParts) {
		this.#parts = parts;
		this.row = parts.row;
		this.#states = new ProfileStates(parts.definitions.length, parts.journal);
		this.#open = new OpenProfile(parts, this.#states);
		this.#entries = new EntryCapture(parts, this.#states, this.#open);
	}

	/**
	 * To be called once, when the host can encode columns: some of them ask the profiles.
	 * @throws DeviceError when the parameters are refused; a log that is refused is tried again later
	 */
	start(): void {
		const parts = this.#parts;
		const isNew: boolean[] = [];
		let owed = 0;
		for (let index = 0; index < parts.definitions.length; index++) {
			if (!parts.host.has(parts.definitions[index]!)) continue;
			isNew[index] = this.#open.start(index);
			const isOwed = this.isPeriodic(index) && this.lastOf(index) >= 0 && this.row.isExtra;
			owed = isOwed ? this.row.pending : 0;
			this.#states.latch(index, owed);
			const next = RingLog.nextNumberOf(this.#states.values, this.#states.ringAt(index));
			if (!Number.isNaN(next)) parts.host.nextEntryFound?.(index, next);
		}
		this.#open.close();
		this.#states.restore();
		for (let index = 0; index < parts.definitions.length; index++) {
			if (isNew[index] === undefined || !this.isPeriodic(index)) continue;
			this.#states.latch(index, isNew[index] ? profileStatus.dataNotValid : profileStatus.powerDown);
			this.begin(index, this.firstBoundary(index));
		}
		this.#states.save();
		this.schedule(-Infinity);
	}

	/** Seconds; 0 when entries come with events. */
	capturePeriod_s(index: number): number {
		return this.#states.get(index, stateField.period_s);
	}

	/** The entries of a profile; valid until another one is asked for, or time passes. @throws DeviceError */
	log(index: number): RingLog {
		const log = this.#open.log(index);
		this.deadline_ms = Math.min(this.deadline_ms, this.#open.closeAt_ms);
		return log;
	}

	/** What is fixed about a profile. */
	definition(index: number): ProfileDefinition {
		return this.#parts.definitions[index]!;
	}

	/** The order of the entries of a sorted profile; undefined where it is that of capture. Valid as `log`. @throws DeviceError */
	sorted(index: number): SortedRows | undefined {
		const sorted = this.#open.sorted(index);
		this.deadline_ms = Math.min(this.deadline_ms, this.#open.closeAt_ms);
		return sorted;
	}

	/** As `log`. */
	configuration(index: number): ProfileConfiguration {
		const configuration = this.#open.configuration(index);
		this.deadline_ms = Math.min(this.deadline_ms, this.#open.closeAt_ms);
		return configuration;
	}

	/** Fills `into` with an entry; false when there is none of that number (any more), or it was damaged. */
	readRow(index: number, number: number, into: ProfileRow): boolean {
		return this.log(index).read(number, into.bytes);
	}

	/** Fills `into` with the entry that was captured last; false when there is none. @throws DeviceError */
	readNewest(index: number, into: ProfileRow): boolean {
		return this.readRow(index, this.sorted(index)?.newestNumber ?? this.log(index).nextNumber - 1, into);
	}

	/**
	 * Status of the running interval so far; of the entry, while one is being captured. Bits of `profileStatus`. In the
	 * entry of a profile without a status of its own, that of any other shows the status of the entry.
	 */
	status(index: number): number {
		return this.#entries.status(index);
	}

	/** @returns false, unchanged, when the profile does not have this period. @throws DeviceError, unchanged */
	setCapturePeriod(index: number, period_s: number): boolean {
		if (!this.#parts.definitions[index]!.periods.includes(period_s)) return false;
		const wanted = this.configuration(index);
		if (period_s === wanted.capturePeriod_s) return true;
		wanted.capturePeriod_s = period_s;
		this.change(index, wanted);
		return true;
	}

	/** @returns false, unchanged, for no entries, or more than the sectors hold of these rows. @throws DeviceError, unchanged */
	setProfileEntries(index: number, entries: number): boolean {
		const wanted = this.configuration(index);
		if (entries === (this.sorted(index) ?? this.log(index)).capacity) return true;
		const highest = this.#open.highestEntries(index, wanted.rowSize);
		if (!Number.isInteger(entries) || entries < 1 || entries > highest) return false;
		wanted.entries = entries;
		this.change(index, wanted);
		return true;
	}

	/** They are those that there are. */
	hasColumns(index: number, columns: readonly CaptureColumn[]): boolean {
		const configuration = this.configuration(index);
		if (columns.length !== configuration.count) return false;
		for (let n = 0; n < columns.length; n++) if (!isSameColumn(columns[n]!, configuration.column(n))) return false;
		return true;
	}

	/** Octets that a value takes at most; below 1 for one that cannot be stored. */
	columnLimit(column: CaptureColumn): number {
		return this.#parts.host.maximumColumnSize(column);
	}

	/**
	 * @param limits as of `RowBuffer` @returns false, unchanged, when a row of these columns cannot be stored
	 * @throws DeviceError, unchanged
	 */
	setColumns(index: number, columns: readonly CaptureColumn[], limits?: Uint16Array): boolean {
		if (columns.length < 1 || columns.length > maximumColumns) return false;
		if (this.contentOf(index, columns) > maximumContent) return false;
		if (this.hasColumns(index, columns)) return true;
		const wanted = this.configuration(index);
		const rowSize = this.#open.fill(index, wanted, columns, limits);
		const { sortObject } = this.definition(index);
		const isSortable = this.sorted(index) === undefined || wanted.find(sortObject) >= 0;
		if (rowSize > ProfileRow.maximumSize || !isSortable || this.#open.highestEntries(index, rowSize) < 1) {
			this.#open.close();
			return false;
		}
		wanted.rowSize = rowSize;
		this.change(index, wanted);
		return true;
	}

	/** Method 1: forgets all entries. @throws DeviceError, with the entries still there */
	reset(index: number): void {
		this.#open.clear(index);
		this.#states.save();
		this.#parts.host.cleared();
	}

	/** Makes what an entry of this moment tells durable ahead of it. */
	prepareCapture(): void {
		try {
			this.#parts.host.beforeCapture();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error; // the capture tries again, and tells
		}
	}

	/**
	 * Method 2: an entry of this moment, outside of the schedule.
	 * @returns false when it could not be stored
	 */
	capture(index: number): boolean {
		const isPeriodic = this.isPeriodic(index);
		return this.captureAt(index, this.#parts.clock.utc_s(), isPeriodic ? profileStatus.dataNotValid : 0, isPeriodic);
	}

	/**
	 * An entry of a profile whose entries come with events.
	 * @param marks bits of `profileStatus` @returns false when it could not be stored; the host has been told
	 */
	captureEvent(index: number, stamp_s: number, marks: number): boolean {
		const isStored = this.captureAt(index, stamp_s, marks, false);
		this.#open.makeRoom();
		this.#open.close();
		return isStored;
	}

	run(now_ms: number): void {
		const { clock, definitions } = this.#parts;
		const now_s = clock.utc_s();
		for (let index = 0; index < definitions.length; index++) {
			const next_s = this.#states.get(index, stateField.next_s);
			if (next_s === Infinity) continue;
			const period_s = this.capturePeriod_s(index);
			if (!isBoundary(clock, next_s, period_s)) {
				this.follow(index, now_s);
			} else if (now_s >= next_s) {
				const last_s = boundaryUpTo(clock, now_s, period_s);
				this.captureAt(index, Math.max(last_s, next_s), last_s > next_s ? profileStatus.dataNotValid : 0, false);
				this.begin(index, boundaryAfter(clock, now_s, period_s));
				this.#open.makeRoom();
			}
		}
		this.#open.close();
		this.schedule(now_ms);
	}

	/**
	 * To be called once, before time goes on, when the supply was gone since `failed_s` by a clock that was valid all the time: a profile that
	 * marks it (`markPowerDown`) gets an entry of that moment, if a boundary has passed without one. It ends the interval that was cut, with
	 * the values that were kept; the one that the supply came back in has `powerDown` too.
	 */
	supplyReturned(failed_s: number): void {
		const { clock, definitions } = this.#parts;
		const now_s = clock.utc_s();
		for (let index = 0; index < definitions.length; index++) {
			if (!definitions[index]!.markPowerDown || this.#states.get(index, stateField.next_s) === Infinity) continue;
			const isMissed = boundaryAfter(clock, failed_s, this.capturePeriod_s(index)) < now_s;
			// it is there already, or has the values of the boundary on which the supply failed
			if (!isMissed || this.lastOf(index) >= failed_s) continue;
			this.captureAt(index, failed_s, profileStatus.powerDown, false);
			this.#states.latch(index, profileStatus.powerDown);
			this.#open.makeRoom();
		}
		this.#open.close();
		this.schedule(-Infinity);
	}

	/** To be called after the clock has been moved. `isSetting`: by more than the time-shift limit. */
	clockChanged(_old_s: number, new_s: number, isSetting: boolean): void {
		const { clock, definitions } = this.#parts;
		const marks = isSetting ? profileStatus.clockAdjusted | profileStatus.dataNotValid : 0;
		for (let index = 0; index < definitions.length; index++) {
			const next_s = this.#states.get(index, stateField.next_s);
			if (next_s === Infinity) continue;
			const period_s = this.capturePeriod_s(index);
			const isCrossed = new_s >= next_s;
			if (isCrossed) this.captureAt(index, boundaryUpTo(clock, new_s, period_s), marks, false);
			if (!isCrossed || this.lastOf(index) !== new_s) this.#states.latch(index, marks);
			const isKept = !isCrossed && !isSetting;
			this.begin(index, isKept ? next_s : boundaryAfter(clock, new_s, period_s));
		}
		this.#open.close();
		this.#states.save();
		this.schedule(-Infinity);
	}

	/** To be called after time zone or daylight saving rules have changed: boundaries are where local time now has them. */
	localTimeChanged(): void {
		const { clock, definitions } = this.#parts;
		for (let index = 0; index < definitions.length; index++) {
			if (this.#states.get(index, stateField.next_s) !== Infinity) this.follow(index, clock.utc_s());
		}
		this.schedule(-Infinity);
	}

	/** The present interval ends where local time now has its next boundary. */
	private follow(index: number, now_s: number): void {
		const next_s = boundaryAfter(this.#parts.clock, now_s, this.capturePeriod_s(index));
		if (next_s !== this.#states.get(index, stateField.next_s)) {
			this.#states.latch(index, profileStatus.dataNotValid);
			this.#states.save();
		}
		this.begin(index, next_s);
	}

	/** Another period, other columns or another number of entries: the profile begins anew. */
	private change(index: number, wanted: ProfileConfiguration): void {
		const { clock, host } = this.#parts;
		this.#open.replace(index, wanted);
		host.nextEntryFound?.(index, this.log(index).nextNumber);
		this.#states.set(index, stateField.bits, 0);
		this.#open.keep();
		if (this.isPeriodic(index)) {
			this.#states.latch(index, profileStatus.dataNotValid);
			this.begin(index, boundaryAfter(clock, clock.utc_s(), wanted.capturePeriod_s));
		}
		this.#states.save();
		this.schedule(-Infinity);
		host.cleared();
	}

	private captureAt(index: number, stamp_s: number, marks: number, isExtra: boolean): boolean {
		const isStored = this.#entries.store(index, stamp_s, marks, isExtra);
		this.deadline_ms = Math.min(this.deadline_ms, this.#open.closeAt_ms);
		return isStored;
	}

	/** Begins, or goes on with, the interval that ends at `next_s`. */
	private begin(index: number, next_s: number): void {
		const { clock } = this.#parts;
		this.#states.set(index, stateField.next_s, next_s);
		if (clock.status(clock.utc_s()) & 0x01) this.#states.latch(index, profileStatus.clockInvalid);
	}

	/** Never before `now_ms` is over, whatever the clock says. */
	private schedule(now_ms: number): void {
		const { clock, definitions } = this.#parts;
		let next_s = Infinity;
		for (let index = 0; index < definitions.length; index++)
			next_s = Math.min(next_s, this.#states.get(index, stateField.next_s));
		const next_ms = next_s === Infinity ? Infinity : clock.monotonicAt_ms(next_s);
		this.deadline_ms = Math.max(Math.min(next_ms, this.#open.closeAt_ms), now_ms + 1);
	}

	/**
	 * At start: a boundary of this very second counts unless it has its entry already, or nothing was captured before it.
	 * One that was captured before a small step back is not captured again.
	 */
	private firstBoundary(index: number): number {
		const { clock } = this.#parts;
		const now_s = clock.utc_s();
		const period_s = this.capturePeriod_s(index);
		const last_s = this.lastOf(index);
		if (last_s >= 0 && last_s < now_s && isBoundary(clock, now_s, period_s)) return now_s;
		const isAhead = last_s > now_s && last_s <= now_s + longestSynchronisation_s;
		return boundaryAfter(clock, isAhead ? last_s : now_s, period_s);
	}

	private isPeriodic(index: number): boolean {
		return this.#parts.definitions[index]!.periods.length > 0;
	}

	private lastOf(index: number): number {
		return this.#states.get(index, stateField.last_s);
	}

	/** Columns but the clock in front and the status of the profile. */
	private contentOf(index: number, columns: readonly CaptureColumn[]): number {
		const { statusName } = this.#parts.definitions[index]!;
		const hasStatus = columns.some((column) => column.logicalName === statusName && column.attributeIndex === 2);
		return columns.length - (hasStatus ? 2 : 1);
	}
}
