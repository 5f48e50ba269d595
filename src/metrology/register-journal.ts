// SPDX-License-Identifier: Apache-2.0
import { copyNumbers, zeros } from "../core/numbers.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { digits, type EnergyRegisters, registersPerScope } from "./energy-registers.js";
import type { RateRegisters } from "./rate-registers.js";
import { decodeFull, decodeGiven, encodeFull, encodeGiven, fullRecordLength } from "./register-records.js";

/** `empty`: a new meter. `corrupt`: the full record could not be used; the registers hold what else was found, or zero. */
export type RestoreResult = "restored" | "empty" | "corrupt";

const unreadable = -2;

/** Offsets of the terms of A+, A-, R+, R-. */
const pairs = Object.freeze([0, 3, 1, 2, 4, 5, 6, 7]);

function sumOfFour(counts: number[], base: number): number {
	return counts[base]! + counts[base + 1]! + counts[base + 2]! + counts[base + 3]!;
}

/**
 * The durable copy of the energy registers.
 *
 * Two records: the full one (counts and remainders), written in intervals and on demand, and a short one with the counts
 * alone, written before a value leaves the meter that a restart must not undercut. What is restored is never below a value
 * given out and never above the energy that flowed.
 */
export class RegisterJournal {
	readonly #registers: EnergyRegisters;
	readonly #store: RecordStore;
	readonly #buffer: Uint8Array;
	/** Counts of the newest record of either kind. */
	readonly #durable: number[];
	/** Of the newest record, also of one that was refused: it may have reached the medium all the same. */
	#sequence = 0;

	constructor(registers: EnergyRegisters, store: RecordStore) {
		this.#registers = registers;
		this.#store = store;
		this.#buffer = new Uint8Array(fullRecordLength(registers));
		this.#durable = zeros(registers.counts.length);
	}

	restore(): RestoreResult {
		const registers = this.#registers;
		let isCorrupt = false;
		let length = this.read(recordKey.registers);
		let fullSequence = -1;
		if (length >= 0) {
			fullSequence = decodeFull(this.#buffer, length, registers);
			if (fullSequence < 0) isCorrupt = true;
		} else if (length === unreadable) isCorrupt = true;
		length = this.read(recordKey.registersGiven);
		const givenSequence = length < 0 ? -1 : decodeGiven(this.#buffer, length, fullSequence, registers);
		this.#sequence = Math.max(fullSequence, givenSequence, 0);
		copyNumbers(registers.counts, this.#durable);
		if (isCorrupt) return "corrupt";
		return this.#sequence === 0 ? "empty" : "restored";
	}

	/** Writes the full record. @throws DeviceError when the medium refuses */
	commit(): void {
		const length = encodeFull(this.#registers, ++this.#sequence, this.#buffer);
		this.#store.write(recordKey.registers, this.#buffer, length);
		copyNumbers(this.#registers.counts, this.#durable);
	}

	/** Keeps the full record where that may be done each second. */
	note(): void {
		const store = this.#store;
		if (store.note === undefined) return;
		store.note(recordKey.registers, this.#buffer, encodeFull(this.#registers, ++this.#sequence, this.#buffer));
	}

	/** Writes the counts if a restart would now show less than registers and rates show. @throws DeviceError as `commit` */
	commitGiven(rates: RateRegisters): void {
		if (!this.hasDigitRisen() && !rates.hasDigitRisen(this.#durable)) return;
		const length = encodeGiven(this.#registers, ++this.#sequence, this.#buffer);
		this.#store.write(recordKey.registersGiven, this.#buffer, length);
		copyNumbers(this.#registers.counts, this.#durable);
	}

	private read(key: number): number {
		try {
			return this.#store.read(key, this.#buffer);
		} catch {
			return unreadable;
		}
	}

	/** Compares whole Wh of the base registers and of their sums: 0.7 + 0.6 shows a digit which neither term shows. */
	private hasDigitRisen(): boolean {
		const now = this.#registers.counts;
		const then = this.#durable;
		for (let base = 0; base < now.length; base += registersPerScope) {
			let isSame = true;
			for (let n = base; n < base + registersPerScope; n++) {
				if (now[n] === then[n]) continue;
				isSame = false;
				if (digits(now[n]!) !== digits(then[n]!)) return true;
			}
			if (isSame) continue;
			for (let pair = 0; pair < pairs.length; pair += 2) {
				const a = base + pairs[pair]!;
				const b = base + pairs[pair + 1]!;
				if (digits(now[a]! + now[b]!) !== digits(then[a]! + then[b]!)) return true;
			}
			if (digits(sumOfFour(now, base)) !== digits(sumOfFour(then, base))) return true;
		}
		return false;
	}
}
