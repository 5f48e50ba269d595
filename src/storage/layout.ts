// SPDX-License-Identifier: Apache-2.0
import { deepFreeze } from "../core/deep-freeze.js";
import { RingLog } from "./ring-log.js";

/** Consecutive sectors of the flash part. */
export interface Partition {
	readonly firstSector: number;
	readonly sectorCount: number;
}

/** Who uses which sectors. A partition never moves once meters are in the field; free sectors are at the end. */
export interface FlashLayout {
	readonly name: "board" | "desktop";
	/** Sectors of the whole part. */
	readonly sectorCount: number;
	/** Record log: registers, clock, invocation counters. */
	readonly journal: Partition;
	/** Record log: whatever a client configures. */
	readonly parameters: Partition;
	/** Ring log of each load profile. */
	readonly loadProfiles: readonly [Partition, Partition, Partition, Partition];
	/** Ring log of each event log, in the order of `eventLogEntries`. */
	readonly eventLogs: readonly Partition[];
	/** Ring log of each log with rows of its own, in the order of `rowLogAreas`. */
	readonly rowLogs: readonly Partition[];
	/** Ring log of each profile, in the order of the table of profiles: the load profiles, then those of `moreProfiles`. */
	readonly profiles: readonly Partition[];
}

/** Erase unit of the parts of both layouts. */
export const sectorSize = 4096;

/** Stored octets of the longest profile row: 512 of columns and the header in front. */
export const longestProfileRow = 524;

/** Stored octets of one entry of an event log. */
export const eventRowSize = 34;

/** Entries of the event logs 0-0:99.98.{0..8}, then of the logs 0-{1..4}:99.98.3 of the M-Bus channels. */
export const eventLogEntries: readonly number[] = Object.freeze([
	500, 300, 256, 256, 500, 300, 500, 300, 200, 100, 100, 100, 100,
]);

/** Entries and stored octets of a row: fast dips, swells, interruptions, long power failures, certification log, parameter monitor log. */
export const rowLogAreas: readonly { readonly entries: number; readonly rowSize: number }[] = deepFreeze([
	{ entries: 256, rowSize: 36 },
	{ entries: 256, rowSize: 36 },
	{ entries: 256, rowSize: 36 },
	{ entries: 100, rowSize: 31 },
	{ entries: 104, rowSize: 141 },
	{ entries: 100, rowSize: 91 },
]);

/** Those of them behind which the profiles lie; the later ones follow these. */
const firstRowLogs = 5;

/** Entries of the four load profiles that the layout has room for, with rows of `rowSize` octets. */
interface ProfileArea {
	readonly entries: number;
	readonly rowSize: number;
}

/** Billing profiles 1 and 2, power quality profile, profiles of the M-Bus channels 1..4. */
const moreProfiles: readonly ProfileArea[] = Object.freeze([
	{ entries: 36, rowSize: longestProfileRow },
	{ entries: 36, rowSize: longestProfileRow },
	{ entries: 4320, rowSize: 128 },
	{ entries: 2160, rowSize: 128 },
	{ entries: 2160, rowSize: 128 },
	{ entries: 2160, rowSize: 128 },
	{ entries: 2160, rowSize: 128 },
]);

/** Least sectors on which a ring log promises that many rows. */
function sectorsFor(area: ProfileArea): number {
	return Math.ceil(area.entries / RingLog.rowsThatFit(sectorSize, 3, area.rowSize)) + 2;
}

function layout(
	name: FlashLayout["name"],
	sectorCount: number,
	areas: readonly [ProfileArea, ProfileArea, ProfileArea, ProfileArea],
): FlashLayout {
	let next = 0;
	const take = (count: number): Partition => {
		const partition = { firstSector: next, sectorCount: count };
		next += count;
		return partition;
	};
	// the order is that on the part: new ones come last
	const journal = take(128);
	const parameters = take(64);
	const loadProfiles: FlashLayout["loadProfiles"] = [
		take(sectorsFor(areas[0])),
		take(sectorsFor(areas[1])),
		take(sectorsFor(areas[2])),
		take(sectorsFor(areas[3])),
	];
	const eventLogs = eventLogEntries.map((entries) => take(sectorsFor({ entries, rowSize: eventRowSize })));
	const rowLogs = rowLogAreas.slice(0, firstRowLogs).map((area) => take(sectorsFor(area)));
	const isRoomy = name === "desktop";
	const more = moreProfiles.map(({ entries, rowSize }) =>
		take(sectorsFor({ entries, rowSize: isRoomy ? longestProfileRow : rowSize })),
	);
	const profiles = [...loadProfiles, ...more];
	rowLogs.push(...rowLogAreas.slice(firstRowLogs).map((area) => take(sectorsFor(area))));
	const result: FlashLayout = { name, sectorCount, journal, parameters, loadProfiles, eventLogs, rowLogs, profiles };
	if (next > sectorCount) throw new RangeError(`layout ${name} needs ${next} sectors`);
	return deepFreeze(result);
}

/** NOR flash of 8 MiB. Full depth for rows of 8 channels; longer rows leave fewer entries. */
export const boardLayout: FlashLayout = layout("board", 2048, [
	{ entries: 8640, rowSize: 128 },
	{ entries: 400, rowSize: longestProfileRow },
	{ entries: 2160, rowSize: 128 },
	{ entries: 4320, rowSize: 128 },
]);

/** 64 MiB, of which a sparse file takes what is used. Full depth for the longest rows. */
export const desktopLayout: FlashLayout = layout("desktop", 16_384, [
	{ entries: 38_016, rowSize: longestProfileRow },
	{ entries: 400, rowSize: longestProfileRow },
	{ entries: 2160, rowSize: longestProfileRow },
	{ entries: 4320, rowSize: longestProfileRow },
]);

/** Layout of a host of that size. */
export function flashLayout(name: FlashLayout["name"]): FlashLayout {
	return name === "board" ? boardLayout : desktopLayout;
}

/** Erasures each sector of the part stands (serial NOR data sheets), and the life the sum is made for. */
export const endurance = deepFreeze({ eraseCycles: 100_000, years: 20, daysPerYear: 365.25 });

/**
 * The endurance sum: what is written how often, in the worst use that the meter is made for. `docs/endurance.md` gives
 * the reasons, a test counts the erasures.
 */
export const dailyWrites = deepFreeze([
	{ area: "journal", what: "energy registers, every 60 s", perDay: 1440, octets: 466 },
	{ area: "journal", what: "values given to clients, whenever a digit rose", perDay: 20_000, octets: 212 },
	{ area: "journal", what: "clock, counters, profile states", perDay: 2880, octets: 16 },
	{ area: "journal", what: "open demand period, every 60 s", perDay: 1440, octets: 82 },
	{ area: "journal", what: "closed demand periods of 300 s, window of 15", perDay: 288, octets: 856 },
	{ area: "journal", what: "extremes of averages and maximum demands, whenever one moved", perDay: 288, octets: 512 },
	{ area: "journal", what: "tariff in force and the times of all, every 60 s", perDay: 1440, octets: 52 },
	{ area: "journal", what: "energies at a change of tariff, rates", perDay: 48, octets: 507 },
	{ area: "journal", what: "energies at a change of tariff, registers", perDay: 48, octets: 466 },
	{ area: "journal", what: "energies at the begin of a recording interval", perDay: 288, octets: 35 },
	{ area: "parameters", what: "parameters written by clients, at the limit of SEC-wear", perDay: 1000, octets: 256 },
	{ area: "loadProfile1", what: "rows every 300 s, of the greatest length", perDay: 288, octets: longestProfileRow },
	{ area: "rowLogs", what: "dips, swells and interruptions in a flood, at their pace", perDay: 2880, octets: 36 },
	{ area: "eventLogs", what: "entries of each log in a flood, at its pace", perDay: 1440, octets: eventRowSize },
]);
