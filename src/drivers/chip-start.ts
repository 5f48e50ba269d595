// SPDX-License-Identifier: Apache-2.0
import type { FrontEndFault } from "../metrology/front-end.js";
import type { RegisterTable } from "./register-table.js";

/** Steps that every chip has; what follows the configuration is its own. */
export const startStep = Object.freeze({ reset: 0, awaitReset: 1, configure: 2, first: 3, ready: 9 });

const retry_ms = 1000;
const registersPerTurn = 8;

/** What a start needs of the bus of its chip. */
export interface CheckedBus {
	/** An access since this was last cleared had no sound answer. */
	hasFailed: boolean;
	/** Writes and reads back. */
	writeChecked(address: number, value: number): boolean;
}

/**
 * Start of a measuring chip: reset, configuration read back register by register, then what the chip wants before it
 * measures. Never gives up: after a failure it begins anew.
 */
export abstract class ChipStart {
	isReady = false;
	fault: FrontEndFault = "starting";
	nextDeadline_ms = 0;
	/** Resets given. */
	count = 0;
	protected step: number = startStep.reset;
	readonly #bus: CheckedBus;
	readonly #table: RegisterTable;
	#limit_ms = 0;
	#index = 0;

	constructor(bus: CheckedBus, table: RegisterTable) {
		this.#bus = bus;
		this.#table = table;
	}

	/** Time between two looks at a chip that is not so far. */
	protected abstract readonly recheck_ms: number;
	/** Takes the next step; to be called at `nextDeadline_ms` until `isReady`. */
	abstract advance(now_ms: number): void;

	begin(at_ms: number): void {
		this.isReady = false;
		this.step = startStep.reset;
		this.nextDeadline_ms = at_ms;
	}

	protected enter(next: number, now_ms: number, after_ms: number, limit_ms = 0): void {
		this.step = next;
		this.nextDeadline_ms = now_ms + after_ms;
		this.#limit_ms = now_ms + limit_ms;
	}

	protected fail(fault: FrontEndFault, now_ms: number): void {
		this.fault = this.#bus.hasFailed ? "noAnswer" : fault;
		this.begin(now_ms + retry_ms);
	}

	/** Looks again soon, or begins anew when the time of this step is over. */
	protected waitOrFail(fault: FrontEndFault, now_ms: number): void {
		if (now_ms >= this.#limit_ms) this.fail(fault, now_ms);
		else this.nextDeadline_ms = now_ms + this.recheck_ms;
	}

	protected beginConfiguration(now_ms: number): void {
		this.#index = 0;
		this.enter(startStep.configure, now_ms, 1);
	}

	/** A few registers per turn, so that no turn is long. @returns whether it was the last turn; a failure is none */
	protected configure(now_ms: number): boolean {
		const table = this.#table;
		const end = Math.min(this.#index + registersPerTurn, table.length);
		for (; this.#index < end; this.#index++) {
			if (this.setRegister(table.address(this.#index), table.value(this.#index))) continue;
			this.fail("configuration", now_ms);
			return false;
		}
		this.nextDeadline_ms = now_ms + 1;
		return end === table.length;
	}

	protected setRegister(address: number, value: number): boolean {
		return this.#bus.writeChecked(address, value);
	}

	protected finish(): void {
		this.step = startStep.ready;
		this.isReady = true;
		this.fault = "starting";
	}
}
