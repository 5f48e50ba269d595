// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import type { OpenProfile } from "./open-profile.js";
import type { ProfilesParts } from "./profile-parts.js";
import { profileStatus } from "./profile-row.js";
import { type ProfileStates, stateField } from "./profile-states.js";

/** A-XDR tag. */
const nullData = 0;

const none = -1;

/** Makes the entries of the profiles of a meter. */
export class EntryCapture {
	readonly #parts: ProfilesParts;
	readonly #states: ProfileStates;
	readonly #open: OpenProfile;
	/** Profile and status of the entry being made. */
	#capturing = none;
	#capturedStatus = 0;

	constructor(parts: ProfilesParts, states: ProfileStates, open: OpenProfile) {
		this.#parts = parts;
		this.#states = states;
		this.#open = open;
	}

	/** Status of the entry that is being made, also where its profile has none of its own; or of the running interval. */
	status(index: number): number {
		const { definitions, clock } = this.#parts;
		const isCapturing = this.#capturing === index;
		const isForeign = this.#capturing >= 0 && definitions[this.#capturing]!.statusName === 0;
		return isCapturing || isForeign ? this.#capturedStatus : this.statusAt(index, clock.utc_s());
	}

	/** Stores an entry, unless it comes behind all those of a full sorted profile. What the interval had latched is spent by a scheduled one, and still owed after an extra one. */
	store(index: number, stamp_s: number, marks: number, isExtra: boolean): boolean {
		const { clock, host } = this.#parts;
		const states = this.#states;
		const { row } = this.#parts;
		const isPeriodic = this.#parts.definitions[index]!.periods.length > 0;
		try {
			host.beforeCapture();
			this.#open.log(index);
			this.#capturedStatus = this.statusAt(index, stamp_s) | marks;
			this.#capturing = index;
			const deviation_min = clock.deviation_min(stamp_s);
			const local_s = stamp_s - deviation_min * 60;
			const last_s = states.get(index, stateField.last_s);
			const isBack = last_s >= 0 && (stamp_s < last_s || local_s < states.get(index, stateField.lastLocal_s));
			const run = (states.get(index, stateField.run) + (isBack ? 1 : 0)) & 0xffff;
			row.bytes.fill(0xff);
			row.setStamp(stamp_s, deviation_min, run, clock.status(stamp_s), this.#capturedStatus);
			row.setLength(this.encodeColumns(stamp_s), isExtra, states.get(index, stateField.bits));
			// columns may have opened another one
			const log = this.#open.log(index);
			const sorted = this.#open.sorted(index);
			const value = sorted === undefined ? 0 : this.#open.sortValue(index);
			const isTaken = sorted?.takes(value) ?? true;
			if (isTaken) {
				host.beforeEntry?.(index, log.nextNumber, isExtra);
				if (sorted !== undefined) sorted.store(log, row, value);
				else log.append(row.bytes.length === log.rowSize ? row.bytes : row.bytes.subarray(0, log.rowSize));
			}
			states.set(index, stateField.last_s, stamp_s);
			states.set(index, stateField.lastLocal_s, local_s);
			states.set(index, stateField.run, run);
			if (isExtra) return true;
			const isOwed = !isTaken && states.get(index, stateField.bits) !== 0;
			states.set(index, stateField.bits, 0);
			if (isOwed) states.save(true); // no entry tells that what was latched is out of date
			return true;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			if (!isExtra && isPeriodic) {
				states.latch(index, profileStatus.criticalError | profileStatus.dataNotValid | marks);
				this.#open.keep();
				states.save();
			}
			host.captureFailed();
			return false;
		} finally {
			this.#capturing = none;
			this.#open.keep();
		}
	}

	/** A value that has outgrown its column becomes null-data: the others, and the entry, are worth more. */
	private encodeColumns(stamp_s: number): number {
		const { host, row } = this.#parts;
		const { bytes } = row;
		const configuration = this.#open.configuration(this.#capturing);
		const { count } = configuration;
		let at = row.columnsAt;
		for (let n = 0; n < count; n++) {
			const next = host.encodeColumn(configuration.column(n), bytes, at, stamp_s, this.#capturing);
			const isTooLong = next - at > configuration.limit(n);
			if (isTooLong) bytes.fill(0xff, at, next)[at] = nullData;
			at = isTooLong ? at + 1 : next;
		}
		return at - row.columnsAt;
	}

	private statusAt(index: number, utc_s: number): number {
		const clockBits = this.#parts.clock.status(utc_s);
		let status = this.#states.get(index, stateField.bits);
		if (clockBits & 0x01) status |= profileStatus.clockInvalid;
		if (clockBits & 0x80) status |= profileStatus.daylightSaving;
		if (this.#parts.host.hasCriticalError()) status |= profileStatus.criticalError;
		return status;
	}
}
