// SPDX-License-Identifier: Apache-2.0
import { dipClass, dipClasses, eventClasses, swellClass } from "./event-class.js";
import { type VoltageEvent, voltageEventKind } from "./voltage-events.js";

const phasesMask = 0x07;
const meterOff = 0x08;
const clockInvalid = 0x10;
const length = 4 + 2 + 1 + 4 * eventClasses;

/** The last dip, swell or interruption, and how many there were of each class of EN 50160. */
export class FastEvents {
	/** Octets of `encode`. */
	static readonly encodedLength = length;
	duration_ms = 0;
	/** Residual or highest voltage, 0.1 V; 0 for interruptions. */
	extreme_dV = 0;
	/** Bits 0..2 phases, 3 meter off during the event, 4 clock invalid. */
	flags = 0;
	/** 25 classes of dips row by row, 6 of swells. Interruptions are not in the table of dips. */
	readonly classes = new Uint32Array(eventClasses);

	add(event: VoltageEvent, reference_mV: number, isClockValid: boolean): void {
		const { kind, duration_ms, extreme_mV } = event;
		const isInterruption = kind === voltageEventKind.interruption;
		this.duration_ms = Math.round(duration_ms);
		this.extreme_dV = isInterruption ? 0 : Math.min(Math.round(extreme_mV / 100), 0xffff);
		this.flags = (event.phases & phasesMask) | (isClockValid ? 0 : clockInvalid);
		if (kind === voltageEventKind.dip) this.classes[dipClass(extreme_mV, reference_mV, duration_ms)]!++;
		else if (!isInterruption) this.classes[dipClasses + swellClass(extreme_mV, reference_mV, duration_ms)]!++;
	}

	/** An interruption of all phases in which the meter itself had no supply. */
	addOffTime(phases: number, duration_s: number, isClockValid: boolean): void {
		this.duration_ms = Math.min(duration_s * 1000, 0xffff_ffff);
		this.extreme_dV = 0;
		this.flags = ((1 << phases) - 1) | meterOff | (isClockValid ? 0 : clockInvalid);
	}

	/** Forgets the counters of the classes of dips, or of swells. */
	clear(isOfDips: boolean): void {
		if (isOfDips) this.classes.fill(0, 0, dipClasses);
		else this.classes.fill(0, dipClasses);
	}

	/** @returns the offset behind what was written */
	encode(view: DataView, at: number): number {
		view.setUint32(at, this.duration_ms);
		view.setUint16(at + 4, this.extreme_dV);
		view.setUint8(at + 6, this.flags);
		for (let n = 0; n < eventClasses; n++) view.setUint32(at + 7 + 4 * n, this.classes[n]!);
		return at + length;
	}

	/** The reverse. */
	decode(view: DataView, at: number): number {
		this.duration_ms = view.getUint32(at);
		this.extreme_dV = view.getUint16(at + 4);
		this.flags = view.getUint8(at + 6);
		for (let n = 0; n < eventClasses; n++) this.classes[n] = view.getUint32(at + 7 + 4 * n);
		return at + length;
	}
}
