// SPDX-License-Identifier: Apache-2.0
import { constants, openSync, readFileSync, writeSync } from "node:fs";
import { unixEpochOffset_s } from "../../src/clock/calendar.js";
import type { Clock, RealTimeClock } from "../../src/ports/clock.js";
import { StorageError } from "./storage/storage-error.js";

/** State and surroundings of the clock part. */
export interface RtcSetting {
	/** Of the board, °C. */
	readonly temperature_degC: number;
	/** Of the quartz at 25 °C, parts per million; positive is fast. */
	readonly error_ppm: number;
	/** The part takes out what it knows of its quartz over temperature. */
	readonly isCompensated: boolean;
	/** The oscillator stands still, and the part says so. */
	readonly isStopped: boolean;
	/** Voltage of the cell, 0 without one. */
	readonly cell_mV: number;
	/** How long the part runs from the cell alone. */
	readonly reserve_s: number;
}

/** Tuning-fork quartz of 32,768 Hz: parabola around its turnover point (data sheets of such quartzes). */
const turnover_degC = 25;
const curvature_ppmPerK2 = -0.034;
/** The thermometer of the part reads so much too high: what compensation leaves over. */
const thermometerError_K = 0.5;
/** Below this the part does not run (DS3231, "VBAT"). */
const leastCell_mV = 2300;
const secondsPerDay = 86_400;

/** Deviation of a part, parts per million. */
export function rtcError_ppm({ temperature_degC, error_ppm, isCompensated }: RtcSetting): number {
	const distance_K = temperature_degC - turnover_degC;
	const quartz_ppm = curvature_ppmPerK2 * distance_K * distance_K;
	if (!isCompensated) return error_ppm + quartz_ppm;
	const read_K = distance_K + thermometerError_K;
	// adjusted at the turnover point, where it is right
	const correction_ppm = curvature_ppmPerK2 * (read_K * read_K - thermometerError_K * thermometerError_K);
	return error_ppm + quartz_ppm - correction_ppm;
}

/** The real-time clock part: counts with the simulated world, as well as its quartz does, and is set by the meter. */
export class SimulatedRtc implements RealTimeClock {
	readonly #world: Clock;
	/** UTC at `#from_ms` of world time, milliseconds; undefined while the part has no valid time. */
	#time_ms: number | undefined;
	#from_ms = 0;
	#setting: RtcSetting = {
		temperature_degC: turnover_degC,
		error_ppm: 0,
		isCompensated: true,
		isStopped: false,
		cell_mV: 3000,
		reserve_s: 3650 * secondsPerDay,
	};
	/** World time since when there is nothing but the cell; undefined with supply. */
	#offSince_ms: number | undefined;
	readonly #changed: ((utc_s: number) => void) | undefined;

	/**
	 * @param start_s UTC seconds since 2000 at world time 0; undefined for a part that lost its supply
	 * @param changed called with the new time after it was set
	 */
	constructor(world: Clock, start_s: number | undefined, changed?: (utc_s: number) => void) {
		this.#world = world;
		this.#time_ms = start_s === undefined ? undefined : start_s * 1000;
		this.#changed = changed;
	}

	utc_s(): number | undefined {
		const now_ms = this.#now_ms();
		return now_ms === undefined ? undefined : Math.floor(now_ms / 1000);
	}

	set(utc_s: number): void {
		this.#from_ms = this.#world.monotonic_ms();
		this.#time_ms = this.#setting.isStopped ? undefined : utc_s * 1000;
		this.#changed?.(utc_s);
	}

	cell_mV(): number {
		return this.#setting.cell_mV;
	}

	get setting(): RtcSetting {
		return this.#setting;
	}

	/** World time that a second of the part takes; Infinity while its quartz stands still. */
	second_ms(): number {
		return this.#setting.isStopped ? Number.POSITIVE_INFINITY : 1000 / (1 + rtcError_ppm(this.#setting) / 1e6);
	}

	/** World time at which its square wave of 1 Hz falls next: with its seconds, or a second from now where it has no time. */
	nextSecond_ms(): number {
		const now_ms = this.#world.monotonic_ms();
		const time_ms = this.#now_ms();
		const share = time_ms === undefined ? 1 : 1 - (time_ms % 1000) / 1000;
		return now_ms + share * this.second_ms();
	}

	/** What is left out stays. A quartz that stops loses the time. */
	change(setting: Partial<RtcSetting>): void {
		this.#time_ms = this.#now_ms();
		this.#from_ms = this.#world.monotonic_ms();
		this.#setting = { ...this.#setting, ...setting };
		const hasNoSupply = this.#offSince_ms !== undefined && this.#setting.cell_mV < leastCell_mV;
		if (this.#setting.isStopped || hasNoSupply) this.lose();
	}

	/** The supply of the board is gone: the part runs from its cell. */
	powerDown(): void {
		this.#offSince_ms = this.#world.monotonic_ms();
		if (this.#setting.cell_mV < leastCell_mV) this.lose();
	}

	powerUp(): void {
		const off_ms = this.#offSince_ms === undefined ? 0 : this.#world.monotonic_ms() - this.#offSince_ms;
		this.#offSince_ms = undefined;
		if (off_ms > this.#setting.reserve_s * 1000) this.lose();
	}

	/** Its backup supply is used up. */
	lose(): void {
		this.#time_ms = undefined;
	}

	#now_ms(): number | undefined {
		if (this.#time_ms === undefined) return undefined;
		return this.#time_ms + (this.#world.monotonic_ms() - this.#from_ms) * (1 + rtcError_ppm(this.#setting) / 1e6);
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
