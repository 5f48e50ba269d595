// SPDX-License-Identifier: Apache-2.0
import { levelDivisor } from "./constants.js";
import type { RegisterFile } from "./register-file.js";
import { address, phaseStep } from "./register-map.js";

/** Sources of WFB_TRG_CFG. */
export const triggerBits = Object.freeze({ dip: 1, swell: 2, overcurrent: 4, force: 0x400 });

const status = Object.freeze({
	dipA: 23,
	swellA: 20,
	sequenceError: 18,
	overcurrent: 17,
	/** ZXVA ZXVB ZXVC ZXCOMB ZXIA ZXIB ZXIC. */
	zxvA: 9,
	zxtoA: 6,
});
const statusMismatch = 1 << 24;
const statusRmsOneReady = 1 << 19;
const statusRms1012Ready = 1 << 20;
const eventDipA = 0;
const eventSwellA = 3;
const repeatModeOff = 1 << 10;

/** Which way a level is crossed: dips look downwards. */
interface LevelSense {
	readonly sign: 1 | -1;
	readonly level: number;
	readonly cycles: number;
	readonly extreme: number;
	readonly statusBit: number;
	readonly eventBit: number;
	readonly trigger: number;
}

const dip: LevelSense = Object.freeze({
	sign: -1,
	level: address.dipLvl,
	cycles: address.dipCyc,
	extreme: address.dipa,
	statusBit: status.dipA,
	eventBit: eventDipA,
	trigger: triggerBits.dip,
});
const swell: LevelSense = Object.freeze({
	sign: 1,
	level: address.swellLvl,
	cycles: address.swellCyc,
	extreme: address.swella,
	statusBit: status.swellA,
	eventBit: eventSwellA,
	trigger: triggerBits.swell,
});

/** Dips, swells, overcurrent, neutral mismatch, zero-crossing time-outs and the order of phases. */
export class QualityEvents {
	readonly #registers: RegisterFile;
	/** Half cycles in a row beyond the level, dips A B C then swells A B C. */
	readonly #beyond = new Uint32Array(6);
	/** Most extreme value of those half cycles. */
	readonly #extreme = new Int32Array(6);
	readonly #silentFor = new Float64Array(3);
	#badOrderFor = 0;
	#isMismatched = false;
	/** Told of each trigger source that became active (bits of WFB_TRG_CFG). */
	onTrigger: ((bits: number) => void) | undefined;

	constructor(registers: RegisterFile) {
		this.#registers = registers;
	}

	reset(): void {
		this.#beyond.fill(0);
		this.#silentFor.fill(0);
		this.#badOrderFor = 0;
		this.#isMismatched = false;
	}

	/** No further half cycle of the same values would change anything. */
	get isSettled(): boolean {
		const v = this.#registers.values;
		const isOnce = (v[address.config1]! & repeatModeOff) !== 0;
		for (let k = 0; k < 6; k++) {
			if (this.#beyond[k] === 0) continue;
			if (!isOnce || this.#beyond[k]! < v[k < 3 ? address.dipCyc : address.swellCyc]!) return false;
		}
		return true;
	}

	/** RMSONE registers are new. */
	endHalfCycle(): void {
		this.#registers.raise0(statusRmsOneReady);
		for (let p = 0; p < 3; p++) {
			this.#judgeLevel(dip, p, p);
			this.#judgeLevel(swell, p, 3 + p);
		}
		this.#judgeOvercurrent();
	}

	/** RMS1012 registers are new. */
	endLongWindow(): void {
		this.#registers.raise0(statusRms1012Ready);
	}

	/** Sets the ready bits for half cycles that were skipped because nothing changes. */
	skipped(hasLongWindow: boolean): void {
		this.#registers.raise0(hasLongWindow ? statusRmsOneReady | statusRms1012Ready : statusRmsOneReady);
	}

	/** Compares ISUMRMS (code) with ISUMLVL; either direction of crossing is an event. */
	judgeMismatch(sumRms: number, level: number): void {
		const isAbove = sumRms > level;
		if (isAbove === this.#isMismatched) return;
		this.#isMismatched = isAbove;
		this.#registers.raise0(statusMismatch);
	}

	/** Zero crossings: bits 0 … 2 voltages, 3 combined, 4 … 6 currents. */
	crossed(sources: number): void {
		this.#registers.raise1(sources << status.zxvA);
		// WFB_TRG_CFG: currents from bit 3, voltages from bit 6, combined bit 9.
		this.onTrigger?.(((sources >> 4) << 3) | ((sources & 0xf) << 6));
	}

	/** Voltage `p` crossed zero, so its time-out begins anew. */
	heard(p: number): void {
		this.#silentFor[p] = 0;
	}

	/** `samples` went by without a crossing of voltage `p`. */
	silent(p: number, samples: number): void {
		const limit = this.#registers.values[address.zxtout]! + 1;
		const passed = this.#silentFor[p]! + samples;
		if (passed >= limit) this.#registers.raise1(1 << (status.zxtoA + p));
		this.#silentFor[p] = passed % limit;
	}

	/** `cycles` line cycles went by in which the order A, B, C was kept or not. */
	judgeOrder(isWrong: boolean, cycles: number): void {
		if (!isWrong) {
			this.#badOrderFor = 0;
			return;
		}
		const limit = Math.max(1, this.#registers.values[address.seqCyc]!);
		const passed = this.#badOrderFor + cycles;
		if (passed >= limit) this.#registers.raise1(1 << status.sequenceError);
		this.#badOrderFor = passed % limit;
	}

	#judgeLevel(sense: LevelSense, p: number, k: number): void {
		const v = this.#registers.values;
		const rms = v[p * phaseStep + address.vrmsone]!;
		const isBeyond = (rms - v[sense.level]! * levelDivisor) * sense.sign > 0;
		const cycles = Math.max(1, v[sense.cycles]!);
		const isOnce = (v[address.config1]! & repeatModeOff) !== 0;
		const wasActive = this.#beyond[k]! >= cycles;
		if (!isBeyond) {
			this.#beyond[k] = 0;
			if (!wasActive) return;
			this.#registers.setEvent(1 << (sense.eventBit + p), false);
			if (isOnce) this.#registers.raise1(1 << (sense.statusBit + p));
			return;
		}
		const value = Math.floor(rms / levelDivisor);
		const before = this.#extreme[k]!;
		const isNew = this.#beyond[k] === 0 || (value - before) * sense.sign > 0;
		if (isNew) this.#extreme[k] = value;
		const count = ++this.#beyond[k]!;
		if (count < cycles) return;
		v[sense.extreme + p] = this.#extreme[k]!;
		if (count === cycles) {
			this.#registers.setEvent(1 << (sense.eventBit + p), true);
			this.onTrigger?.(sense.trigger);
		}
		if (count === cycles || (!isOnce && count % cycles === 0)) this.#registers.raise1(1 << (sense.statusBit + p));
	}

	#judgeOvercurrent(): void {
		const v = this.#registers.values;
		const enabled = v[address.config3]!;
		const limit = v[address.oilvl]! * levelDivisor;
		let bits = 0;
		for (let n = 0; n < 4; n++) {
			if (((enabled >> [15, 14, 13, 12][n]!) & 1) === 0) continue;
			const rms = v[n < 3 ? n * phaseStep + address.irmsone : address.nirmsone]!;
			if (rms <= limit) continue;
			bits |= 1 << n;
			v[address.oia + n] = Math.floor(rms / levelDivisor);
		}
		if (bits & ~v[address.oistatus]!) {
			this.#registers.raise1(1 << status.overcurrent);
			this.onTrigger?.(triggerBits.overcurrent);
		}
		v[address.oistatus] = bits;
	}
}
