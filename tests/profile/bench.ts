// SPDX-License-Identifier: Apache-2.0
import { FaultyFlash } from "../../hosts/simulator/storage/faulty-flash.js";
import { MemoryFlash } from "../../hosts/simulator/storage/memory-flash.js";
import type { LocalClock } from "../../src/core/local-periods.js";
import { Scheduler } from "../../src/core/scheduler.js";
import type { CaptureColumn } from "../../src/profile/capture-column.js";
import { ProfileBuffer } from "../../src/profile/profile-buffer.js";
import { capturePeriods_s, type ProfileDefinition } from "../../src/profile/profile-definition.js";
import type { ProfileHost } from "../../src/profile/profile-parts.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { Profiles } from "../../src/profile/profiles.js";
import { sortMethod } from "../../src/profile/sort-method.js";
import { recordKey } from "../../src/storage/keys.js";
import { RecordLog } from "../../src/storage/record-log.js";
import { seededRandom } from "../storage/random.js";
import { epoch_ms, since2000_s as utc } from "../support/since-2000.js";

/** Seconds since 2000 as a UTC date, `2024-03-31T01:00`. */
export function text(utc_s: number): string {
	return new Date(utc_s * 1000 + epoch_ms).toISOString().slice(0, 16);
}

/** Central Europe, or Lord Howe Island with its half hour, by the transitions of 2024 as published. */
export const zones = {
	berlin: { standard_min: -60, summer_min: -120, begin_s: utc("2024-03-31T01:00Z"), end_s: utc("2024-10-27T01:00Z") },
	lordHowe: {
		standard_min: -630,
		summer_min: -660,
		begin_s: utc("2024-10-05T15:30Z"),
		end_s: utc("2024-12-31T23:59Z"),
	},
};

/** A clock of which everything can be set. */
export class BenchClock implements LocalClock {
	monotonic_ms = 0;
	offset_ms = 0;
	isValid = true;
	zone = zones.berlin;

	utc_s(): number {
		return Math.floor((this.monotonic_ms + this.offset_ms) / 1000);
	}

	monotonicAt_ms(utc_s: number): number {
		return utc_s * 1000 - this.offset_ms;
	}

	isSummer(utc_s: number): boolean {
		return utc_s >= this.zone.begin_s && utc_s < this.zone.end_s;
	}

	deviation_min(utc_s: number): number {
		return this.isSummer(utc_s) ? this.zone.summer_min : this.zone.standard_min;
	}

	local_s(utc_s: number): number {
		return utc_s - this.deviation_min(utc_s) * 60;
	}

	status(utc_s: number): number {
		return (this.isValid ? 0 : 1) | (this.isSummer(utc_s) ? 0x80 : 0);
	}
}

export const columns = {
	stamp: { classId: 8, logicalName: 0x0000_0100_00ff, attributeIndex: 2, dataIndex: 0 },
	status: { classId: 1, logicalName: 0x0000_600a_01ff, attributeIndex: 2, dataIndex: 0 },
	energy: { classId: 3, logicalName: 0x0100_0108_00ff, attributeIndex: 2, dataIndex: 0 },
	/** What `ProfileBench.value` is. */
	signed: { classId: 3, logicalName: 0x0100_1007_00ff, attributeIndex: 2, dataIndex: 0 },
	/** Takes as many octets as its data index says. */
	wide: (size: number): CaptureColumn => ({
		classId: 1,
		logicalName: 0x0000_8000_00ff,
		attributeIndex: 2,
		dataIndex: size,
	}),
	unknown: { classId: 99, logicalName: 1, attributeIndex: 2, dataIndex: 0 },
} as const;

/** Octets of a value by its tag. */
const sizes: Readonly<Record<number, number>> = { 0: 1, 5: 5, 6: 5, 17: 2 };

/** An entry as a test wants to see it. */
export interface Entry {
	readonly utc_s: number;
	readonly status: number;
	readonly clockStatus: number;
	readonly deviation_min: number;
	/** As encoded in the columns. */
	readonly stamp_s: number;
	readonly statusColumn: number;
	readonly energy: number;
}

/** What a client can set of a profile. */
export interface ProfileSettings {
	readonly capturePeriod_s: number;
	readonly entries: number;
	readonly columns: readonly CaptureColumn[];
	readonly order?: Partial<Pick<ProfileDefinition, "sortMethod" | "sortObject" | "markPowerDown">>;
}

/** A definition with these settings as from the factory. @param place in the table */
export function definitionOf(place: number, settings: ProfileSettings): ProfileDefinition {
	const { capturePeriod_s, entries, columns, order } = settings;
	return {
		logicalName: 0x0100_6301_00ff + place,
		key: place === 0 ? recordKey.loadProfile1 : recordKey.profiles + place,
		statusName: 0x0000_600a_01ff,
		periods: capturePeriod_s === 0 ? [] : capturePeriods_s,
		capturePeriod_s,
		entries: { board: entries, desktop: entries },
		sortMethod: sortMethod.firstInFirstOut,
		sortObject: columns[0]!,
		markPowerDown: false,
		...order,
		columns,
	};
}

/** A meter with nothing but a load profile, or several: power can be cut, the clock moved, time run. */
export class ProfileBench {
	readonly part: MemoryFlash;
	readonly flash: FaultyFlash;
	readonly clock = new BenchClock();
	readonly factory: ProfileSettings;
	readonly sectorSize: number;
	readonly definitions: readonly ProfileDefinition[];
	profiles: Profiles;
	/** The first of them. */
	profile: ProfileBuffer;
	hasError = false;
	/** Energy of the register, and what of it was made durable. */
	energy = 0;
	durableEnergy = 0;
	cleared = 0;
	failures = 0;
	refusesRegisters = false;
	/** Of the column `signed`; null-data while it has none. */
	value: number | null = 0;
	/** Octets by which wide columns exceed what they promised. */
	growth = 0;
	#scheduler = new Scheduler();

	/** @param others further profiles, each on as many sectors */
	constructor(
		start: string,
		settings: Partial<ProfileSettings> = {},
		sectorCount = 24,
		sectorSize = 1024,
		others: readonly ProfileSettings[] = [],
	) {
		this.part = new MemoryFlash(8 + sectorCount * (1 + others.length), sectorSize);
		this.sectorSize = sectorSize;
		this.flash = new FaultyFlash(this.part, seededRandom(7));
		this.factory = {
			capturePeriod_s: 900,
			entries: 500,
			columns: [columns.stamp, columns.status, columns.energy],
			...settings,
		};
		this.definitions = [this.factory, ...others].map((of, place) => definitionOf(place, of));
		this.clock.offset_ms = utc(start) * 1000;
		this.profiles = this.start();
		this.profile = this.buffer(0);
	}

	buffer(index: number): ProfileBuffer {
		return new ProfileBuffer(this.profiles, index);
	}

	/** Columns are numbers of five octets, but for one of two, and null-data. */
	sortValue(row: ProfileRow, column: number): number {
		const v = new DataView(row.bytes.buffer, row.columnsAt);
		let at = 0;
		for (let n = 0; n < column; n++) at += sizes[v.getUint8(at)]!;
		const tag = v.getUint8(at);
		return tag === 6 ? v.getUint32(at + 1) : tag === 5 ? v.getInt32(at + 1) : Number.NaN;
	}

	/** Starts the profiles on what the flash holds. */
	start(): Profiles {
		const journal = new RecordLog(this.flash, 0, 4);
		const parameters = new RecordLog(this.flash, 4, 4);
		const bench = this;
		const host: ProfileHost = {
			has: () => true,
			maximumColumnSize: (column) =>
				column.classId === 99 ? 0 : column.classId === 1 && column.dataIndex ? column.dataIndex : 5,
			encodeColumn(column, into, at, stamp_s) {
				const v = new DataView(into.buffer);
				if (column.dataIndex > 0) {
					const end = at + column.dataIndex + bench.growth;
					into.fill(column.dataIndex & 255, at, end);
					return end;
				}
				if (column.classId === 1) {
					into[at] = 17;
					into[at + 1] = bench.profiles.status(0);
					return at + 2;
				}
				if (column.logicalName === columns.signed.logicalName) {
					into[at] = bench.value === null ? 0 : 5;
					if (bench.value === null) return at + 1;
					v.setInt32(at + 1, bench.value);
					return at + 5;
				}
				into[at] = 6;
				v.setUint32(at + 1, column.classId === 8 ? stamp_s : bench.energy);
				return at + 5;
			},
			beforeCapture() {
				const refused = bench.flash.refuses;
				if (bench.refusesRegisters) bench.flash.refuses = "everything";
				try {
					journal.write(recordKey.registers, Uint8Array.of(bench.energy >> 16, bench.energy >> 8, bench.energy));
				} finally {
					bench.flash.refuses = refused;
				}
				bench.durableEnergy = bench.energy;
			},
			sortValue: (row, column) => bench.sortValue(row, column),
			hasCriticalError: () => bench.hasError,
			cleared: () => bench.cleared++,
			captureFailed: () => bench.failures++,
		};
		const sectorCount = (this.part.sectorCount - 8) / this.definitions.length;
		this.profiles = new Profiles({
			definitions: this.definitions,
			size: "desktop",
			flash: this.flash,
			partitions: this.definitions.map((_, n) => ({ firstSector: 8 + n * sectorCount, sectorCount })),
			parameters,
			journal,
			clock: this.clock,
			host,
			row: new ProfileRow(),
		});
		this.profiles.start();
		this.profile = this.buffer(0);
		this.#scheduler = new Scheduler();
		this.#scheduler.add(this.profiles);
		return this.profiles;
	}

	/** Lets time pass with power on; a unit of energy a second. */
	run(seconds: number): void {
		const end_ms = this.clock.monotonic_ms + seconds * 1000;
		for (;;) {
			const next_ms = Math.min(this.#scheduler.nextDeadline_ms(), end_ms);
			this.energy += (next_ms - this.clock.monotonic_ms) / 1000;
			this.clock.monotonic_ms = next_ms;
			this.#scheduler.advance(next_ms);
			if (next_ms === end_ms) return;
		}
	}

	/** Stops the program for a while, the clock goes on; then it catches up. */
	stall(seconds: number): void {
		this.clock.monotonic_ms += seconds * 1000;
		this.#scheduler.advance(this.clock.monotonic_ms);
	}

	/** No power for some seconds; the clock part goes on. */
	powerOff(seconds: number): void {
		const failed_s = this.clock.utc_s();
		this.flash.restore();
		this.clock.offset_ms += this.clock.monotonic_ms + seconds * 1000;
		this.clock.monotonic_ms = 0;
		this.start().supplyReturned(failed_s);
	}

	/** Moves the clock as a client does. */
	setClock(utc_s: number, isSetting: boolean): void {
		const old_s = this.clock.utc_s();
		this.clock.offset_ms = utc_s * 1000 - this.clock.monotonic_ms;
		this.clock.isValid = true;
		this.profiles.clockChanged(old_s, utc_s, isSetting);
	}

	entries(index = 0): Entry[] {
		const row = new ProfileRow();
		const entries: Entry[] = [];
		const profile = this.buffer(index);
		for (let number = profile.firstNumber; number < profile.nextNumber; number++) {
			if (!profile.readRow(number, row)) continue;
			const v = new DataView(row.bytes.buffer, row.columnsAt);
			entries.push({
				utc_s: row.utc_s,
				status: row.status,
				clockStatus: row.clockStatus,
				deviation_min: row.deviation_min,
				stamp_s: v.getUint32(1),
				statusColumn: v.getUint8(6),
				energy: v.getUint32(8),
			});
		}
		return entries;
	}

	/** Time stamps and status, for short comparisons: `12:15 84`. */
	summary(index = 0): string[] {
		return this.entries(index).map((e) => `${text(e.utc_s).slice(11)} ${e.status.toString(16)}`);
	}
}
