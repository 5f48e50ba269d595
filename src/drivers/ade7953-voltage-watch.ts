// SPDX-License-Identifier: Apache-2.0
import { zeros } from "../core/numbers.js";
import type { VoltageListener, VoltageWatch } from "../metrology/voltage-watch.js";
import type { Ade7953Bus } from "./ade7953-bus.js";
import { register, resetFlag, sagFlag } from "./ade7953-registers.js";

const poll_ms = 100;
/** Two polls with less change of RMS and of peak than these shares: their ratio is that of the wave. */
const steadyShare = 0.002;
const steadyPeakShare = 0.01;
/** A voltage below this share of the nominal one says nothing about the shape of the wave. */
const shapeShare = 0.5;
/** SAGLVL as a share of the peak at the nominal voltage. */
const sagShare = 0.9;

export interface Ade7953WatchParts {
	readonly bus: Ade7953Bus;
	readonly nominalVoltage_mV: number;
	readonly voltagePerCode_mV: number;
	readonly listener: VoltageListener;
}

/**
 * Voltages of an ADE7953, which has no RMS of one cycle: the greatest peak of each 100 ms, times the ratio of RMS to peak
 * that the wave had while it was steady. A dip shorter than that is known from the sag flag alone; its residual voltage then
 * reads as what the 200 ms filter of the RMS still shows. Indicative therefore, in the words of IEC 61000-4-30.
 */
export class Ade7953VoltageWatch implements VoltageWatch {
	readonly isIndicative = true;
	nextDeadline_ms = Infinity;

	readonly #parts: Ade7953WatchParts;
	readonly #voltage_mV = zeros(1);
	/** Mean square of two polls. */
	readonly #basic_mV = zeros(1);
	#rms_mV = 0;
	#previousRms_mV = 0;
	#previousPeak = 0;
	#square = 0;
	#hasFirst = false;
	/** The last poll was sound, without a sag, and nobody asked for more. */
	#isCalm = false;
	/** RMS in mV per code of the peak; 0 until the wave was steady once. */
	#perPeakCode_mV = 0;

	constructor(parts: Ade7953WatchParts) {
		this.#parts = parts;
	}

	/** Takes the RMS code of a poll; does not use the bus, since the driver is in the middle of its own reads. */
	poll(code: number, now_ms: number): void {
		this.#rms_mV = code * this.#parts.voltagePerCode_mV;
		this.nextDeadline_ms = now_ms;
	}

	interrupt(_now_ms: number): void {}

	/** Whether polls that read as the last one may be told later, with `repeat`. */
	get mayRest(): boolean {
		return this.#isCalm && this.#parts.listener.takesLate?.() === true;
	}

	/** A poll that would have read what the last one did. */
	repeat(now_ms: number): void {
		this.deliver(this.#previousPeak, false, now_ms);
	}

	/** The chip begins its peak anew with the present. */
	forgetPeak(): void {
		this.#parts.bus.read32(register.rstVPeak);
	}

	advance(now_ms: number): void {
		if (now_ms < this.nextDeadline_ms) return;
		this.nextDeadline_ms = Infinity;
		const { bus } = this.#parts;
		const before = bus.hasFailed;
		bus.hasFailed = false;
		const hasSagged = this.takeSag();
		const peak = bus.readChecked(register.rstVPeak);
		const isSound = !bus.hasFailed;
		bus.hasFailed = before;
		this.#isCalm = false;
		if (isSound) this.deliver(peak, hasSagged, now_ms);
	}

	/** The flag of a reset must stay for the driver: it is cleared together with that of a sag. */
	private takeSag(): boolean {
		const { bus } = this.#parts;
		const status = bus.readChecked(register.irqStatA);
		if (bus.hasFailed || (status & resetFlag) !== 0 || (status & sagFlag) === 0) return false;
		bus.read32(register.rstIrqStatA);
		return true;
	}

	private deliver(peak: number, hasSagged: boolean, now_ms: number): void {
		const { listener, nominalVoltage_mV } = this.#parts;
		const rms_mV = this.#rms_mV;
		const isSteady =
			Math.abs(rms_mV - this.#previousRms_mV) <= steadyShare * nominalVoltage_mV &&
			Math.abs(peak - this.#previousPeak) <= steadyPeakShare * peak;
		this.#previousRms_mV = rms_mV;
		this.#previousPeak = peak;
		if (isSteady && !hasSagged && peak > 0 && rms_mV >= shapeShare * nominalVoltage_mV) {
			this.#perPeakCode_mV = rms_mV / peak;
		}
		let voltage_mV = this.#perPeakCode_mV === 0 ? rms_mV : peak * this.#perPeakCode_mV;
		const sag_mV = sagShare * nominalVoltage_mV;
		if (hasSagged && voltage_mV >= sag_mV) voltage_mV = Math.min(rms_mV, sag_mV - 1);
		this.#voltage_mV[0] = voltage_mV;
		this.#isCalm = !listener.oneCycle(this.#voltage_mV, now_ms, poll_ms) && !hasSagged;
		this.#square += rms_mV * rms_mV;
		if (this.#hasFirst) {
			this.#basic_mV[0] = Math.sqrt(this.#square / 2);
			this.#square = 0;
			listener.basicInterval(this.#basic_mV, now_ms);
		}
		this.#hasFirst = !this.#hasFirst;
	}
}
