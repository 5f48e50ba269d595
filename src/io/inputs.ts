// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { zeros } from "../core/numbers.js";
import { type Task, taskPriority } from "../core/scheduler.js";
import { eventLog } from "../events/event-sink.js";
import { inputCount } from "../ports/io-pins.js";
import { recordKey } from "../storage/keys.js";
import type { IoParts } from "./io-parts.js";
import { inputFunction } from "./io-settings.js";

/** A count is stored after so long, and before it is told. */
const commitPeriod_ms = 60_000;
const layoutVersion = 1;
const wrap = 0x1_0000_0000;
/** A disconnection that is not possible now is tried again after so long. */
const retry_ms = 1000;
const tariffOwed = 1 << inputCount;

/**
 * The inputs: a level counts when it has stayed for the debounce time, from the edge that the host reports. Nothing is done
 * while nothing changes.
 */
export class Inputs implements Task {
	deadline_ms = 0;
	readonly #parts: IoParts;
	/** Bit n: level of input n + 1 as it was seen last, and as it counts. */
	#seen: number;
	#stable: number;
	/** Bit n: input n + 1 has had a pulse that was too short to count. */
	#dropped = 0;
	/** When each input became other than it counts; Infinity where it is not. Behind them the pulse counters. */
	readonly #numbers = zeros(2 * inputCount);
	#commitAt_ms = Infinity;
	/** What is still to be told: bit n a disconnection that input n + 1 asks for, `tariffOwed` the rate after a start. */
	#owed = tariffOwed;

	constructor(parts: IoParts) {
		this.#parts = parts;
		for (let n = 0; n < inputCount; n++) this.#numbers[n] = Infinity;
		this.restore();
		this.#seen = parts.lines.inputs(0);
		this.#stable = this.#seen;
		for (let n = 0; n < inputCount; n++) this.askForDisconnection(n);
	}

	get priority(): number {
		return taskPriority.control;
	}

	/** Bit n: input n + 1 is active; bit 4 + n: a pulse of it was dropped since it was configured. */
	get state(): number {
		let active = 0;
		for (let n = 0; n < inputCount; n++) if (this.isActive(n)) active |= 1 << n;
		return active | (this.#dropped << inputCount);
	}

	/** Pulses that input n (0-based) has counted, modulo 2^32. */
	count(n: number): number {
		return this.#numbers[inputCount + n]!;
	}

	/** A level has changed: to be called by the host, as soon as it can. */
	changed(now_ms: number): void {
		const levels = this.#parts.lines.inputs(this.#seen);
		for (let n = 0; n < inputCount; n++) {
			const bit = 1 << n;
			if (((levels ^ this.#seen) & bit) === 0) continue;
			if (((levels ^ this.#stable) & bit) !== 0) {
				this.#numbers[n] = now_ms;
				continue;
			}
			this.#numbers[n] = Infinity;
			if (this.#parts.settings.inputFunction(n) === inputFunction.pulseCounter) this.#dropped |= bit;
		}
		this.#seen = levels;
		this.schedule();
	}

	/** Input n has another function: what it says counts from now on. */
	reconfigured(n: number): void {
		this.#dropped &= ~(1 << n);
		this.sayTariff();
		this.askForDisconnection(n);
		this.schedule();
	}

	run(now_ms: number): void {
		for (let n = 0; n < inputCount; n++) {
			if (now_ms - this.#numbers[n]! < this.#parts.settings.debounce_ms(n)) continue;
			this.#numbers[n] = Infinity;
			this.#stable ^= 1 << n;
			this.act(n, now_ms);
		}
		if (this.#owed !== 0) this.tellOwed();
		if (now_ms >= this.#commitAt_ms) this.commit();
		this.schedule();
	}

	/** Says what the tariff inputs are at; at a start, and when one of them has changed. */
	sayTariff(): void {
		const { host } = this.#parts;
		let rate = 0;
		let place = 1;
		for (let n = 0; n < inputCount; n++) {
			if (this.#parts.settings.inputFunction(n) !== inputFunction.tariff) continue;
			if (rate === 0) rate = 1;
			if (this.isActive(n)) rate += place;
			place *= 2;
		}
		host.tariffInput(Math.min(rate, 8));
	}

	/** Makes the counts durable. */
	commit(): void {
		if (this.#commitAt_ms === Infinity) return;
		try {
			this.store();
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			this.#commitAt_ms = this.#parts.clock.monotonic_ms() + commitPeriod_ms;
			this.#parts.events.memoryFailed();
		}
	}

	/** A count is about to be told: it must not be undercut after a restart. @throws DeviceError */
	store(): void {
		if (this.#commitAt_ms === Infinity) return;
		const record = new DataView(new ArrayBuffer(1 + 4 * inputCount));
		record.setUint8(0, layoutVersion);
		for (let n = 0; n < inputCount; n++) record.setUint32(1 + 4 * n, this.count(n));
		this.#parts.journal.write(recordKey.pulseCounts, new Uint8Array(record.buffer));
		this.#commitAt_ms = Infinity;
	}

	private act(n: number, now_ms: number): void {
		const { host, events } = this.#parts;
		const isActive = this.isActive(n);
		switch (this.#parts.settings.inputFunction(n)) {
			case inputFunction.alarmContact:
				if (isActive) events.event(eventLog.standard, this.#parts.settings.inputEvent(n));
				return;
			case inputFunction.tariff:
				this.sayTariff();
				return;
			case inputFunction.pulseCounter:
				if (!isActive) return;
				this.#numbers[inputCount + n] = (this.count(n) + 1) % wrap;
				if (this.#commitAt_ms === Infinity) this.#commitAt_ms = now_ms + commitPeriod_ms;
				return;
			case inputFunction.doorContact:
				if (!isActive) return;
				events.event(eventLog.standard, this.#parts.settings.inputEvent(n));
				host.doorOpened();
				return;
			case inputFunction.synchronisation:
				if (isActive) host.synchronised();
				return;
			case inputFunction.disconnectRequest:
				this.askForDisconnection(n);
				return;
		}
	}

	/** As long as the input is active, it is asked for until it is done. */
	private askForDisconnection(n: number): void {
		const isWanted = this.#parts.settings.inputFunction(n) === inputFunction.disconnectRequest && this.isActive(n);
		this.#owed = isWanted ? this.#owed | (1 << n) : this.#owed & ~(1 << n);
	}

	private tellOwed(): void {
		if ((this.#owed & tariffOwed) !== 0) this.sayTariff();
		const isAsked = (this.#owed & ~tariffOwed) !== 0;
		this.#owed = isAsked && !this.#parts.host.disconnect() ? this.#owed & ~tariffOwed : 0;
	}

	private isActive(n: number): boolean {
		return ((this.#stable & (1 << n)) !== 0) !== this.#parts.settings.isInputInverted(n);
	}

	private restore(): void {
		const record = new Uint8Array(1 + 4 * inputCount);
		try {
			if (this.#parts.journal.read(recordKey.pulseCounts, record) !== record.length || record[0] !== layoutVersion)
				return;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
			return;
		}
		const view = new DataView(record.buffer);
		for (let n = 0; n < inputCount; n++) this.#numbers[inputCount + n] = view.getUint32(1 + 4 * n);
	}

	private schedule(): void {
		let next_ms = this.#commitAt_ms;
		if (this.#owed !== 0) next_ms = Math.min(next_ms, this.#parts.clock.monotonic_ms() + retry_ms);
		for (let n = 0; n < inputCount; n++)
			next_ms = Math.min(next_ms, this.#numbers[n]! + this.#parts.settings.debounce_ms(n));
		this.deadline_ms = next_ms;
	}
}
