// SPDX-License-Identifier: Apache-2.0
import { firstRelayLine, type IoPins, inputCount, outputCount } from "../../src/ports/io-pins.js";
import { ConflictError } from "./panel/instrument.js";
import type { InputSetting, IoState, RelaySetting } from "./panel/request-schemas.js";

type Output = IoState["outputs"][number];
type Relay = IoState["relays"][number];

/**
 * The terminals of inputs, outputs and auxiliary relays. Inputs stay as they are set, with and without supply of the meter;
 * without it no output conducts and every relay drops.
 */
export class SimulatedIo implements IoPins {
	readonly #inputs: boolean[] = Array.from({ length: inputCount }, () => false);
	readonly #outputs: Output[] = Array.from({ length: outputCount }, () => ({ isOn: false, edges: 0 }));
	readonly #relays: Relay[];

	constructor(relays: number) {
		this.#relays = Array.from({ length: relays }, () => ({ isClosed: false, fault: "none" }));
	}

	state(): IoState {
		return {
			inputs: [...this.#inputs],
			outputs: this.#outputs.map((output) => ({ ...output })),
			relays: this.#relays.map((relay) => ({ ...relay })),
		};
	}

	/** Puts voltage on an input (1..4), or takes it away. The meter is to be told. */
	setInput(input: number, { isEnergised }: InputSetting): void {
		this.#inputs[input - 1] = isEnergised;
	}

	/** @throws ConflictError for a relay that was not ordered */
	setRelay(relay: number, setting: RelaySetting): void {
		const before = this.#relays[relay - 1];
		if (before === undefined) throw new ConflictError(`this meter has no relay ${relay}`);
		this.#relays[relay - 1] = { ...before, ...setting };
	}

	inputs(): number {
		return this.#inputs.reduce((bits, isEnergised, n) => (isEnergised ? bits | (1 << n) : bits), 0);
	}

	drive(lines: number): void {
		for (const [n, { isOn, edges }] of this.#outputs.entries()) {
			const isDriven = (lines & (1 << n)) !== 0;
			if (isDriven !== isOn) this.#outputs[n] = { isOn: isDriven, edges: isDriven ? edges + 1 : edges };
		}
		for (const [n, relay] of this.#relays.entries()) {
			const isClosed = (lines & (1 << (firstRelayLine + n))) !== 0;
			if (relay.fault === (isClosed ? "stuck" : "welded")) continue;
			this.#relays[n] = { ...relay, isClosed };
		}
	}

	closedRelays(): number {
		return this.#relays.reduce((bits, { isClosed }, n) => (isClosed ? bits | (1 << n) : bits), 0);
	}

	/** The supply fails. */
	powerDown(): void {
		this.drive(0);
	}
}
