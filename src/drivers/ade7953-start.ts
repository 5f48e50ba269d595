// SPDX-License-Identifier: Apache-2.0
import type { FrontEndFault } from "../metrology/front-end.js";
import type { Ade7953Bus } from "./ade7953-bus.js";
import {
	configValue,
	lcycModeAfterReset,
	optimumValue,
	register,
	resetFlag,
	softwareReset,
	unlockKey,
} from "./ade7953-registers.js";
import type { RegisterTable } from "./register-table.js";

const step = Object.freeze({ reset: 0, awaitReset: 1, configure: 2, settle: 3, ready: 4 });

const resetTime_ms = 100; // 26 ms hold and about 40 ms start-up
const resetLimit_ms = 300;
const settlingTime_ms = 200; // RMS
const recheck_ms = 20;
const retry_ms = 1000;
const registersPerTurn = 8;
const noLoadOff = 0x07;

/** Start of the chip: reset, mandatory setting, configuration read back register by register, protection. Never gives up. */
export class Ade7953Start {
	isReady = false;
	fault: FrontEndFault = "starting";
	nextDeadline_ms = 0;
	/** Resets given. */
	count = 0;
	/** Silicon version, for the log. */
	version = 0;

	readonly #bus: Ade7953Bus;
	readonly #table: RegisterTable;
	#step: number = step.reset;
	#limit_ms = 0;
	#index = 0;

	constructor(bus: Ade7953Bus, table: RegisterTable) {
		this.#bus = bus;
		this.#table = table;
	}

	begin(at_ms: number): void {
		this.isReady = false;
		this.#step = step.reset;
		this.nextDeadline_ms = at_ms;
	}

	/** Takes the next step; to be called at `nextDeadline_ms` until `isReady`. */
	advance(now_ms: number): void {
		switch (this.#step) {
			case step.reset:
				this.reset(now_ms);
				break;
			case step.awaitReset:
				this.awaitReset(now_ms);
				break;
			case step.configure:
				this.configure(now_ms);
				break;
			case step.settle:
				this.#step = step.ready;
				this.isReady = true;
				this.fault = "starting";
				break;
		}
	}

	private fail(fault: FrontEndFault, now_ms: number): void {
		this.fault = fault;
		this.begin(now_ms + retry_ms);
	}

	private waitOrFail(fault: FrontEndFault, now_ms: number): void {
		if (now_ms >= this.#limit_ms) this.fail(fault, now_ms);
		else this.nextDeadline_ms = now_ms + recheck_ms;
	}

	/** The chip may have been running and protected, or be just waking up: both end with the reset flag. */
	private reset(now_ms: number): void {
		this.count++;
		this.#bus.write(register.writeProtect, 0);
		this.#bus.write(register.config, configValue | softwareReset);
		this.#step = step.awaitReset;
		this.nextDeadline_ms = now_ms + resetTime_ms;
		this.#limit_ms = now_ms + resetLimit_ms;
	}

	private awaitReset(now_ms: number): void {
		const bus = this.#bus;
		const hasReset = (bus.readChecked(register.irqStatA) & resetFlag) !== 0;
		if (bus.hasFailed || !hasReset) {
			this.waitOrFail("noAnswer", now_ms);
			return;
		}
		if (!bus.holds(register.lcycMode, lcycModeAfterReset)) {
			this.fail("wrongPart", now_ms);
			return;
		}
		bus.read32(register.rstIrqStatA); // reading clears the flag
		bus.write(register.config, configValue); // first of all: locks the interface to SPI
		bus.write(register.unlock, unlockKey); // the next two belong together, nothing may come between
		bus.write(register.optimum, optimumValue);
		const isOptimal = bus.holds(register.optimum, optimumValue);
		if (!isOptimal || (bus.readChecked(register.irqStatA) & resetFlag) !== 0 || bus.hasFailed) {
			this.fail(bus.hasFailed ? "noAnswer" : "configuration", now_ms);
			return;
		}
		this.version = bus.read8(register.version);
		bus.write(register.disNoLoad, noLoadOff);
		this.#index = 0;
		this.#step = step.configure;
		this.nextDeadline_ms = now_ms + 1;
	}

	/** A few registers per turn, so that no turn is long. */
	private configure(now_ms: number): void {
		const bus = this.#bus;
		const end = Math.min(this.#index + registersPerTurn, this.#table.length);
		for (; this.#index < end; this.#index++) {
			const address = this.#table.address(this.#index);
			const value = this.#table.value(this.#index);
			const isSet = address === register.optimum ? bus.holds(address, value) : bus.writeChecked(address, value);
			if (isSet) continue;
			this.fail("configuration", now_ms);
			return;
		}
		this.nextDeadline_ms = now_ms + 1;
		if (end < this.#table.length) return;
		this.#step = step.settle;
		this.nextDeadline_ms = now_ms + settlingTime_ms;
	}
}
