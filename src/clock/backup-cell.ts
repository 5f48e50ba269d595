// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { DateTime, dateTimeLength } from "./date-time.js";
import type { MeterClock } from "./meter-clock.js";

/** Voltages of a lithium cell of 3 V: of one that will not last, and of one that no clock part runs from, mV. */
export const cellVoltage = Object.freeze({ low_mV: 2600, empty_mV: 2300 });
/** Declared life of the cell while nothing else supplies the clock part: 3650 days. */
export const declaredLife_h = 87_600;
/** What a cell loses by itself. */
const selfDischarge_percentPerYear = 1;
const hoursPerYear = 8766;
/** Left in a cell whose voltage has begun to fall. */
const leftWhenLow_percent = 20;
const secondsPerHour = 3600;

export const cellDate = Object.freeze({ nextChange: 0, installed: 1 });

const layoutVersion = 1;
/** Version, seconds from the cell alone, end of supply counted last, until when it was counted. */
const useLength = 13;
const datesLength = 1 + 2 * dateTimeLength;
const neverCounted = 0xffff_ffff;

/**
 * The cell behind the clock part: how long it has kept the clock without supply, and what is left in it. Made when it is
 * asked for; what has to be remembered is in two records.
 */
export class BackupCell {
	readonly #clock: MeterClock;
	readonly #journal: RecordStore;
	readonly #parameters: RecordStore;

	constructor(clock: MeterClock, journal: RecordStore, parameters: RecordStore) {
		this.#clock = clock;
		this.#journal = journal;
		this.#parameters = parameters;
	}

	/** Undefined where nothing measures it. */
	get voltage_mV(): number | undefined {
		return this.#clock.cell_mV();
	}

	/** Time for which the clock ran from this cell alone. */
	get used_h(): number {
		return Math.floor(this.load().getUint32(1) / secondsPerHour);
	}

	/** A cell was put in that has been used for so long. @returns false for more than its life. @throws DeviceError, unchanged */
	setUsed_h(hours: number): boolean {
		if (hours > declaredLife_h) return false;
		const use = this.load();
		use.setUint32(1, hours * secondsPerHour);
		this.#journal.write(recordKey.cellUse, new Uint8Array(use.buffer));
		return true;
	}

	/** What is left by use and age, and not more than the voltage tells. */
	get charge_percent(): number {
		const used = this.load().getUint32(1) / secondsPerHour / declaredLife_h;
		const left = 100 - 100 * used - this.age_h() * (selfDischarge_percentPerYear / hoursPerYear);
		return Math.max(0, Math.min(Math.floor(left), this.highestByVoltage()));
	}

	/** How long the clock will run from the cell alone. */
	get remaining_h(): number {
		return Math.floor((this.charge_percent * declaredLife_h) / 100);
	}

	/** The date of the next change has come. */
	get isChangeDue(): boolean {
		const due_s = this.date_s(cellDate.nextChange);
		return due_s !== undefined && this.#clock.isValid && this.#clock.utc_s() >= due_s;
	}

	/** Copies a date (`cellDate`), 12 octets; not specified until it was set. */
	copyDate(which: number, into: Uint8Array): void {
		const dates = this.loadDates();
		for (let n = 0; n < dateTimeLength; n++) into[n] = dates[1 + which * dateTimeLength + n]!;
	}

	/** @returns false, unchanged, for what is neither a date and time nor altogether unspecified. @throws DeviceError, unchanged */
	setDate(which: number, octets: Uint8Array): boolean {
		const time = new DateTime().decode(octets, 0);
		if (!isUnspecified(octets) && !time.isComplete()) return false;
		const dates = this.loadDates();
		dates.set(octets, 1 + which * dateTimeLength);
		this.#parameters.write(recordKey.cellDates, dates);
		return true;
	}

	/**
	 * A start: the cell has kept the clock since the meter was last alive. Counted once, also when the supply fails again before
	 * anything else is stored. @throws DeviceError
	 */
	noteOutage(): void {
		const { lastAlive_s, wasValid, isValid } = this.#clock;
		if (lastAlive_s === undefined || !wasValid || !isValid) return;
		const use = this.load();
		const from_s = use.getUint32(5) === lastAlive_s ? use.getUint32(9) : lastAlive_s;
		const now_s = this.#clock.utc_s();
		if (now_s <= from_s) return;
		use.setUint32(1, Math.min(use.getUint32(1) + now_s - from_s, declaredLife_h * secondsPerHour));
		use.setUint32(5, lastAlive_s);
		use.setUint32(9, now_s);
		this.#journal.write(recordKey.cellUse, new Uint8Array(use.buffer));
	}

	private highestByVoltage(): number {
		const { voltage_mV } = this;
		if (voltage_mV === undefined || voltage_mV >= cellVoltage.low_mV) return 100;
		const { low_mV, empty_mV } = cellVoltage;
		return Math.floor((leftWhenLow_percent * Math.max(0, voltage_mV - empty_mV)) / (low_mV - empty_mV));
	}

	/** Since the cell was put in; 0 where that is not known. */
	private age_h(): number {
		const installed_s = this.date_s(cellDate.installed);
		if (installed_s === undefined || !this.#clock.isValid) return 0;
		return Math.max(0, this.#clock.utc_s() - installed_s) / secondsPerHour;
	}

	private date_s(which: number): number | undefined {
		const time = new DateTime().decode(this.loadDates(), 1 + which * dateTimeLength);
		return time.isComplete() ? this.#clock.toUtc_s(time) : undefined;
	}

	private load(): DataView {
		const use = new DataView(new ArrayBuffer(useLength));
		const bytes = new Uint8Array(use.buffer);
		if (this.#journal.read(recordKey.cellUse, bytes) === useLength && bytes[0] === layoutVersion) return use;
		bytes.fill(0);
		bytes[0] = layoutVersion;
		use.setUint32(5, neverCounted);
		return use;
	}

	private loadDates(): Uint8Array {
		const dates = new Uint8Array(datesLength);
		const length = this.#parameters.read(recordKey.cellDates, dates);
		if (length === datesLength && dates[0] === layoutVersion) return dates;
		dates[0] = layoutVersion;
		const unspecified = new DateTime();
		unspecified.encode(dates, 1);
		unspecified.encode(dates, 1 + dateTimeLength);
		return dates;
	}
}

/** Date and time say nothing; deviation and status may say what they like then. */
function isUnspecified(octets: Uint8Array): boolean {
	for (let n = 0; n < 9; n++) if (octets[n] !== 0xff) return false;
	return true;
}
