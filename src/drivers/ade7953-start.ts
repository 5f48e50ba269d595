// SPDX-License-Identifier: Apache-2.0
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
import { ChipStart, startStep } from "./chip-start.js";
import type { RegisterTable } from "./register-table.js";

const settle = startStep.first;

const resetTime_ms = 100; // 26 ms hold and about 40 ms start-up
const resetLimit_ms = 300;
const settlingTime_ms = 200; // RMS
const recheckTime_ms = 20;
const noLoadOff = 0x07;

/** Start of an ADE7953: reset, mandatory setting, configuration read back, time for the RMS values to settle. */
export class Ade7953Start extends ChipStart {
	/** Silicon version, for the log. */
	version = 0;
	readonly #bus: Ade7953Bus;

	constructor(bus: Ade7953Bus, table: RegisterTable) {
		super(bus, table);
		this.#bus = bus;
	}

	protected get recheck_ms(): number {
		return recheckTime_ms;
	}

	advance(now_ms: number): void {
		switch (this.step) {
			case startStep.reset:
				this.reset(now_ms);
				break;
			case startStep.awaitReset:
				this.awaitReset(now_ms);
				break;
			case startStep.configure:
				if (this.configure(now_ms)) this.enter(settle, now_ms, settlingTime_ms);
				break;
			case settle:
				this.finish();
				break;
		}
	}

	/** The register of the mandatory setting takes its value behind the key alone, which has been given. */
	protected override setRegister(address: number, value: number): boolean {
		return address === register.optimum ? this.#bus.holds(address, value) : super.setRegister(address, value);
	}

	/** The chip may have been running and protected, or be just waking up: both end with the reset flag. */
	private reset(now_ms: number): void {
		this.count++;
		this.#bus.write(register.writeProtect, 0);
		this.#bus.write(register.config, configValue | softwareReset);
		this.enter(startStep.awaitReset, now_ms, resetTime_ms, resetLimit_ms);
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
			this.fail("configuration", now_ms);
			return;
		}
		this.version = bus.read8(register.version);
		bus.write(register.disNoLoad, noLoadOff);
		this.beginConfiguration(now_ms);
	}
}
