// SPDX-License-Identifier: Apache-2.0
import { secondsPerDay } from "../clock/calendar.js";
import { boundaryAfter } from "../core/local-periods.js";
import { zeros } from "../core/numbers.js";
import { recordKey } from "../storage/keys.js";
import { limiterCount } from "./limiter-settings.js";
import type { LimitsParts } from "./limits-parts.js";

const layoutVersion = 1;
const offset = Object.freeze({ version: 0, flags: 1, maximum: 2, used: 3, day: 4, over: 8, under: 16, end: 24 });
/** Flags, the first of each for limiter 0. */
export const limiterFlag = Object.freeze({ acted: 1, active: 4, overTold: 16, underTold: 64, locked: 256 });
/** In the record: the four flags that go on after a power failure, and the lock. */
const storedFlags = 15;
const storedLock = 0x80;
const defaultReconnections = 10;

/**
 * What limiters have to know again after power loss; one record of the journal. Excess and penalty are counted by the monotonic
 * clock, and noted in UTC.
 */
export class LimiterState {
	/** Monotonic begin of excess of each limiter, then of being under again; -1 while neither. */
	readonly since_ms = zeros(2 * limiterCount);
	/** Sum of `limiterFlag`. */
	flags = 0;
	readonly #parts: LimitsParts;
	readonly #bytes = new Uint8Array(offset.end);
	readonly #view = new DataView(this.#bytes.buffer);

	constructor(parts: LimitsParts) {
		this.#parts = parts;
		this.since_ms.fill(-1);
		this.restore();
	}

	/** Automatic reconnections a day: how many there may be, and how many there were. */
	get maximum(): number {
		return this.#bytes[offset.maximum]!;
	}

	get used(): number {
		return this.#bytes[offset.used]!;
	}

	set used(used: number) {
		this.#bytes[offset.used] = used;
	}

	get isLocked(): boolean {
		return (this.flags & limiterFlag.locked) !== 0;
	}

	/** What was counted belongs to this day of local time. */
	get isOfToday(): boolean {
		return this.today() === this.#view.getUint32(offset.day);
	}

	/** The record knows of an excess of this limiter. */
	isExcessNoted(n: number): boolean {
		return this.#view.getUint32(offset.over + 4 * n) !== 0;
	}

	/** From now on it does. */
	noteDay(): void {
		this.#view.setUint32(offset.day, this.today());
	}

	untilMidnight_s(): number {
		const { clock } = this.#parts;
		const now_s = clock.utc_s();
		return boundaryAfter(clock, now_s, secondsPerDay) - now_s;
	}

	/** @param which one of `limiterFlag` */
	has(which: number, n: number): boolean {
		return (this.flags & (which << n)) !== 0;
	}

	set(which: number, n: number, isSet: boolean): void {
		this.flags = isSet ? this.flags | (which << n) : this.flags & ~(which << n);
	}

	/** @throws DeviceError, with nothing changed */
	setReconnections(maximum: number, used: number, isLocked: boolean): void {
		const before = this.#bytes.slice();
		this.#bytes[offset.maximum] = maximum;
		this.#bytes[offset.used] = used;
		this.noteDay();
		const { flags } = this;
		this.set(limiterFlag.locked, 0, isLocked);
		try {
			this.write();
		} catch (error) {
			this.#bytes.set(before);
			this.flags = flags;
			throw error;
		}
	}

	/** @throws DeviceError when the medium refuses */
	write(): void {
		const { clock, monotonic } = this.#parts;
		const view = this.#view;
		this.#bytes[offset.version] = layoutVersion;
		this.#bytes[offset.flags] = (this.flags & storedFlags) | (this.isLocked ? storedLock : 0);
		const now_s = clock.utc_s();
		const now_ms = monotonic.monotonic_ms();
		for (let n = 0; n < this.since_ms.length; n++) {
			const since_ms = this.since_ms[n]!;
			view.setUint32(offset.over + 4 * n, since_ms < 0 ? 0 : now_s - Math.round((now_ms - since_ms) / 1000));
		}
		this.#parts.journal.write(recordKey.limiterState, this.#bytes);
	}

	private today(): number {
		const { clock } = this.#parts;
		return Math.floor(clock.local_s(clock.utc_s()) / secondsPerDay);
	}

	private restore(): void {
		const { clock, monotonic, journal } = this.#parts;
		const bytes = this.#bytes;
		if (journal.read(recordKey.limiterState, bytes) !== offset.end || bytes[offset.version] !== layoutVersion) {
			bytes.fill(0);
			bytes[offset.maximum] = defaultReconnections;
			return;
		}
		const flags = bytes[offset.flags]!;
		this.flags = (flags & storedFlags) | ((flags & storedLock) !== 0 ? limiterFlag.locked : 0);
		const now_s = clock.utc_s();
		const now_ms = monotonic.monotonic_ms();
		for (let n = 0; n < this.since_ms.length; n++) {
			const since_s = this.#view.getUint32(offset.over + 4 * n);
			if (since_s !== 0) this.since_ms[n] = now_ms - Math.max(0, now_s - since_s) * 1000;
		}
	}
}
