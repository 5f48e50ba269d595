// SPDX-License-Identifier: Apache-2.0
import { constants, openSync, readFileSync, writeSync } from "node:fs";
import { unixEpochOffset_s } from "../../src/clock/calendar.js";
import type { Clock, RealTimeClock } from "../../src/ports/clock.js";
import { StorageError } from "./storage/storage-error.js";

/** The real-time clock part: counts with the simulated world and is set by the meter. */
export class SimulatedRtc implements RealTimeClock {
	readonly #world: Clock;
	/** UTC seconds at world time 0; undefined while the part has no valid time. */
	#offset_s: number | undefined;
	readonly #changed: ((utc_s: number) => void) | undefined;

	/**
	 * @param start_s UTC seconds since 2000 at world time 0; undefined for a part that lost its supply
	 * @param changed called with the new time after it was set
	 */
	constructor(world: Clock, start_s: number | undefined, changed?: (utc_s: number) => void) {
		this.#world = world;
		this.#offset_s = start_s;
		this.#changed = changed;
	}

	utc_s(): number | undefined {
		return this.#offset_s === undefined ? undefined : Math.floor(this.#offset_s + this.#world.monotonic_ms() / 1000);
	}

	/** Its backup supply is used up. */
	lose(): void {
		this.#offset_s = undefined;
	}

	set(utc_s: number): void {
		this.#offset_s = utc_s - this.#world.monotonic_ms() / 1000;
		this.#changed?.(utc_s);
	}
}

/** Time of this machine, UTC seconds since 2000. */
export function wallClock_s(): number {
	return Date.now() / 1000 - unixEpochOffset_s;
}

/** Octets of the note. */
const noteLength = 80;

/**
 * What the battery keeps while the simulator is not running: the time of the part when it was last noted, and the wall
 * clock then. A part that is off counts on in real time.
 */
export class RtcFile {
	readonly #path: string;
	#file: number | undefined;

	constructor(path: string) {
		this.#path = path;
	}

	/** Present time of the part, UTC seconds since 2000; undefined when nothing was noted. */
	read(): number | undefined {
		let text: string;
		try {
			text = readFileSync(this.#path, "utf8");
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
			throw new StorageError("unreadable", `${this.#path}: ${(error as Error).message}`);
		}
		try {
			const noted = JSON.parse(text) as { utc_s: unknown; wall_s: unknown };
			if (Number.isFinite(noted.utc_s) && Number.isFinite(noted.wall_s))
				return Number(noted.utc_s) + Math.max(0, wallClock_s() - Number(noted.wall_s));
		} catch {
			// told below
		}
		throw new StorageError("foreign", `${this.#path}: not a clock record of this simulator`);
	}

	/** Replaces the note by one write of always the same length, so that a kill leaves the old or the new one. */
	write(utc_s: number): void {
		this.#file ??= openSync(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600);
		writeSync(this.#file, `${JSON.stringify({ utc_s, wall_s: wallClock_s() }).padEnd(noteLength - 1)}\n`, 0);
	}
}
