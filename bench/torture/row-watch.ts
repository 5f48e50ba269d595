// SPDX-License-Identifier: Apache-2.0
import type { SimulatedMeter } from "../../hosts/simulator/simulated-meter.js";
import { profileIndex } from "../../src/cosem/objects/profiles.js";
import { eventLogTable } from "../../src/events/event-log-table.js";
import { EventRow } from "../../src/events/event-row.js";
import { ProfileRow } from "../../src/profile/profile-row.js";
import { rowLogTable } from "../../src/profile/row-log-table.js";
import type { RingLog } from "../../src/storage/ring-log.js";

/** One log or profile of the meter. */
interface Source {
	readonly name: string;
	readonly kind: "profile" | "events" | "rows";
	/** Rows come at boundaries: two of the same time are one too many. */
	readonly isPeriodic: boolean;
	readonly ring: (meter: SimulatedMeter) => RingLog;
	/** Number and octets of the newest row at the last walk; -1 before. */
	walked: number;
	octets: string;
}

/** Knows what rows there were before a cut, and holds the meter against it afterwards. */
export class RowWatch {
	/** Rows that were read and compared. */
	rows = 0;
	readonly #simulated: SimulatedMeter;
	readonly #random: () => number;
	readonly #sources: Source[] = [];
	readonly #profileRow = new ProfileRow();
	readonly #eventRow = new EventRow();
	#glanced: Source | undefined;
	#glancedNumber = -1;
	#glancedOctets = "";
	readonly #counts = eventLogTable.map(() => 0);

	constructor(simulated: SimulatedMeter, random: () => number) {
		this.#simulated = simulated;
		this.#random = random;
		for (const [name, index] of Object.entries(profileIndex)) {
			if (name === "mbus") continue;
			const isPeriodic = !name.startsWith("billing");
			this.#add(name, "profile", isPeriodic, (meter) => meter.meter.application.profiles.log(index));
		}
		const { events } = simulated.meter.application;
		for (let log = 0; log < eventLogTable.length; log++)
			if (events.hasLog(log))
				this.#add(`event log ${log}`, "events", false, (meter) => meter.meter.application.events.open(log));
		for (let log = 0; log < rowLogTable.length; log++)
			this.#add(`row log ${log}`, "rows", false, (meter) => meter.meter.application.rowLogs.ring(log));
	}

	#add(name: string, kind: Source["kind"], isPeriodic: boolean, ring: Source["ring"]): void {
		this.#sources.push({ name, kind, isPeriodic, ring, walked: -1, octets: "" });
	}

	/** Takes down the newest row of one log, and how many events there were: before a cut. */
	glance(): void {
		const source = this.#sources[Math.floor(this.#random() * this.#sources.length)]!;
		const ring = source.ring(this.#simulated);
		this.#glanced = source;
		this.#glancedNumber = ring.nextNumber - 1;
		this.#glancedOctets = read(ring, this.#glancedNumber);
		this.#takeCounts();
	}

	#takeCounts(): void {
		const { store } = this.#simulated.meter.application.events;
		for (let log = 0; log < this.#counts.length; log++)
			this.#counts[log] = Math.max(this.#counts[log]!, store.count(log));
	}

	/** After a cut: that row is there, and no event counter has fallen. */
	checkGlance(find: (what: string) => void): void {
		const source = this.#glanced;
		this.#glanced = undefined;
		if (source !== undefined && this.#glancedNumber >= 0) {
			const ring = source.ring(this.#simulated);
			const number = this.#glancedNumber;
			if (ring.nextNumber <= number) find(`${source.name}: row ${number} is gone`);
			else if (number >= ring.firstNumber && read(ring, number) !== this.#glancedOctets)
				find(`${source.name}: row ${number} has changed`);
			this.rows++;
		}
		const { store } = this.#simulated.meter.application.events;
		for (let log = 0; log < this.#counts.length; log++) {
			const before = this.#counts[log]!;
			if (store.count(log) < before) find(`event log ${log}: counter fell from ${before} to ${store.count(log)}`);
		}
		this.#takeCounts();
	}

	/** Reads all rows since the last walk: each is there once, whole, and in its order. */
	walk(find: (what: string) => void): void {
		for (const source of this.#sources) {
			const ring = source.ring(this.#simulated);
			const { firstNumber, nextNumber } = ring;
			if (source.walked >= nextNumber) find(`${source.name}: row ${source.walked} is gone`);
			if (ring.entriesInUse > ring.capacity) find(`${source.name}: ${ring.entriesInUse} rows of ${ring.capacity}`);
			let before = "";
			for (let number = Math.max(firstNumber, source.walked); number < nextNumber; number++) {
				const octets = read(ring, number);
				this.rows++;
				if (octets === "") find(`${source.name}: row ${number} cannot be read`);
				else if (number === source.walked && octets !== source.octets)
					find(`${source.name}: row ${number} has changed`);
				else if (before !== "" && !this.#isLater(source, before, octets))
					find(`${source.name}: row ${number} is not later than the one before`);
				before = octets;
			}
			if (nextNumber === 0) continue;
			source.walked = nextNumber - 1;
			source.octets = before;
		}
	}

	#isLater(source: Source, before: string, after: string): boolean {
		if (before === after) return false;
		if (source.kind === "events") {
			const row = this.#eventRow;
			row.bytes.set(Buffer.from(before, "hex"));
			const { sequence, count, run, utc_s } = row;
			row.bytes.set(Buffer.from(after, "hex"));
			return row.sequence > sequence && row.count > count && (row.run !== run || row.utc_s >= utc_s);
		}
		const row = this.#profileRow;
		row.bytes.set(Buffer.from(before, "hex"));
		const { run, utc_s } = row;
		row.bytes.set(Buffer.from(after, "hex"));
		if (row.run !== run) return true;
		return source.isPeriodic && !row.isExtra ? row.utc_s > utc_s : row.utc_s >= utc_s;
	}
}

/** Octets of a row in hex; "" when there is none of that number. */
function read(ring: RingLog, number: number): string {
	const into = new Uint8Array(ring.rowSize);
	return ring.read(number, into) ? Buffer.from(into).toString("hex") : "";
}
