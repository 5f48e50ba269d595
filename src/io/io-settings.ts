// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { get16, get32, put16, put32 } from "../core/octets.js";
import { inputCount, outputCount } from "../ports/io-pins.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** What an input is for (0-0:96.51.{1..4}). */
export const inputFunction = Object.freeze({
	none: 0,
	/** Its event when it becomes active. */
	alarmContact: 1,
	/** The tariff inputs together say a rate: 1 + a binary number, the lowest input first. */
	tariff: 2,
	/** Counts what becomes active. */
	pulseCounter: 3,
	/** As an alarm contact, and a fraud. */
	doorContact: 4,
	/** Ends the demand period when it becomes active. */
	synchronisation: 5,
	/** Takes the supply away while it is active (F68). */
	disconnectRequest: 6,
	count: 7,
});

/** What an output is for (0-0:96.51.{11..14}). */
export const outputFunction = Object.freeze({
	none: 0,
	activePulse: 1,
	reactivePulse: 2,
	/** On while a tariff other than 1 is in force. */
	tariff: 3,
	/** On while a bit is set in an alarm register and in its filter. */
	alarm: 4,
	/** Follows the relay that has the number of the output. */
	relay: 5,
	/** On while the supply is to be on: follows the supply switch, or relay 1 where there is none. */
	contactor: 6,
	/** A pulse when a demand period has ended. */
	periodEnd: 7,
	count: 8,
});

/** Shortest time on and off of an impulse (IEC 62053-31). */
export const shortestPulse_ms = 30;

const layoutVersion = 1;
/** Octets of an input, and of an output. */
const input = Object.freeze({ function: 0, inverted: 1, debounce: 2, event: 4, size: 5 });
const output = Object.freeze({ function: 0, inverted: 1, pulse: 2, size: 4 });
const firstInput = 1;
const firstOutput = firstInput + inputCount * input.size;
const offset = Object.freeze({
	/** Impulses of the meter in front of an input, per Wh. */
	inputConstant: firstOutput + outputCount * output.size,
	pulseDuration: firstOutput + outputCount * output.size + 4,
	/** Impulses per kWh, kvarh and kVAh. */
	constants: firstOutput + outputCount * output.size + 6,
});
const length = offset.constants + 3 * 4;

const usualDebounce_ms = 20;
const externalAlert = 20;

/** What clients set of inputs and outputs: one record of 55 octets, kept as it is stored. Inputs and outputs count from 0. */
export class IoSettings {
	readonly #store: RecordStore;
	readonly #bytes = new Uint8Array(length);

	/** @param constant impulses per kWh of the outputs as from the factory */
	constructor(store: RecordStore, constant: number) {
		this.#store = store;
		try {
			if (store.read(recordKey.ioSettings, this.#bytes) === length && this.#bytes[0] === layoutVersion) return;
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		this.#bytes.fill(0);
		this.#bytes[0] = layoutVersion;
		for (let n = 0; n < inputCount; n++) this.setInput(n, inputFunction.none, false, usualDebounce_ms, externalAlert);
		this.inputConstant = 1;
		this.pulseDuration_ms = shortestPulse_ms;
		for (let n = 0; n < 3; n++) this.setConstant(n, constant);
	}

	/** One of `inputFunction`. */
	inputFunction(n: number): number {
		return this.#bytes[firstInput + n * input.size + input.function]!;
	}

	isInputInverted(n: number): boolean {
		return this.#bytes[firstInput + n * input.size + input.inverted] === 1;
	}

	debounce_ms(n: number): number {
		return get16(this.#bytes, firstInput + n * input.size + input.debounce);
	}

	/** Code of the standard log. */
	inputEvent(n: number): number {
		return this.#bytes[firstInput + n * input.size + input.event]!;
	}

	setInput(n: number, wanted: number, isInverted: boolean, debounce_ms: number, event: number): void {
		const at = firstInput + n * input.size;
		this.#bytes[at + input.function] = wanted;
		this.#bytes[at + input.inverted] = isInverted ? 1 : 0;
		put16(this.#bytes, at + input.debounce, debounce_ms);
		this.#bytes[at + input.event] = event;
	}

	/** One of `outputFunction`. */
	outputFunction(n: number): number {
		return this.#bytes[firstOutput + n * output.size + output.function]!;
	}

	isOutputInverted(n: number): boolean {
		return this.#bytes[firstOutput + n * output.size + output.inverted] === 1;
	}

	/** As it was set: 0 = that of all outputs. */
	ownPulse_ms(n: number): number {
		return get16(this.#bytes, firstOutput + n * output.size + output.pulse);
	}

	/** How long an impulse of an output lasts. */
	pulse_ms(n: number): number {
		return this.ownPulse_ms(n) || this.pulseDuration_ms;
	}

	setOutput(n: number, wanted: number, isInverted: boolean, pulse_ms: number): void {
		const at = firstOutput + n * output.size;
		this.#bytes[at + output.function] = wanted;
		this.#bytes[at + output.inverted] = isInverted ? 1 : 0;
		put16(this.#bytes, at + output.pulse, pulse_ms);
	}

	get inputConstant(): number {
		return get32(this.#bytes, offset.inputConstant);
	}

	set inputConstant(constant: number) {
		put32(this.#bytes, offset.inputConstant, constant);
	}

	get pulseDuration_ms(): number {
		return get16(this.#bytes, offset.pulseDuration);
	}

	set pulseDuration_ms(duration_ms: number) {
		put16(this.#bytes, offset.pulseDuration, duration_ms);
	}

	/** Impulses per kWh (0), kvarh (1), kVAh (2). */
	constant(n: number): number {
		return get32(this.#bytes, offset.constants + 4 * n);
	}

	setConstant(n: number, constant: number): void {
		put32(this.#bytes, offset.constants + 4 * n, constant);
	}

	/** The output of a function; -1 when there is none. */
	outputOf(wanted: number): number {
		for (let n = 0; n < outputCount; n++) if (this.outputFunction(n) === wanted) return n;
		return -1;
	}

	/**
	 * Changes and stores, or leaves everything as it was.
	 * @param isSound looks at the result @returns false when it is refused. @throws DeviceError
	 */
	change(apply: (settings: this) => void, isSound: () => boolean): boolean {
		const before = this.#bytes.slice();
		apply(this);
		let isStored = false;
		try {
			if (!isSound()) return false;
			this.#store.write(recordKey.ioSettings, this.#bytes);
			isStored = true;
			return true;
		} finally {
			if (!isStored) this.#bytes.set(before);
		}
	}
}
