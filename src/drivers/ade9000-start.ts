// SPDX-License-Identifier: Apache-2.0
import type { Ade9000Bus } from "./ade9000-bus.js";
import {
	lockKey,
	partIdBit,
	register,
	softwareReset,
	status1Bit,
	unlockKey,
	version2Value,
	versionMask,
	versionValue,
} from "./ade9000-registers.js";
import { ChipStart, startStep } from "./chip-start.js";
import type { RegisterTable } from "./register-table.js";

const step = Object.freeze({ run: startStep.first, lock: 4, checksum: 5 });

const resetTime_ms = 50; // 40 … 50 ms typical
const resetLimit_ms = 200;
const stepLimit_ms = 200;
const checksumTime_ms = 20; // 10.8 ms in the background of the chip
const programTime_ms = 20;
const recheckTime_ms = 10;

/** EP_CFG: on, add mode, no read with reset (erratum), no-load over 512 samples, VAR sign from the fundamental. */
const energyConfiguration = 0x6081;
/** TEMP_CFG with START. */
const startTemperature = 0x000f;

/** Start of an ADE9000: reset, identity, configuration read back, RUN, checksum of the configuration, lock. */
export class Ade9000Start extends ChipStart {
	/** Of the configuration, as the chip computed it after this start. */
	checksum = 0;
	/** TEMP_TRIM: degrees Celsius = offset / 32 - code · gain / 65536. */
	temperatureGain = 0;
	temperatureOffset = 0;

	readonly #bus: Ade9000Bus;

	constructor(bus: Ade9000Bus, table: RegisterTable) {
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
				if (this.configure(now_ms)) this.step = step.run;
				break;
			case step.run:
				this.run(now_ms);
				break;
			case step.lock:
				this.lock(now_ms);
				break;
			case step.checksum:
				this.takeChecksum(now_ms);
				break;
		}
	}

	/** The chip may have been running (restart of the processor alone) or be just waking up: both end in RSTDONE. */
	private reset(now_ms: number): void {
		this.count++;
		this.#bus.write(register.wrLock, unlockKey);
		this.#bus.write(register.config1, softwareReset);
		this.enter(startStep.awaitReset, now_ms, resetTime_ms, resetLimit_ms);
	}

	private awaitReset(now_ms: number): void {
		const bus = this.#bus;
		if ((bus.read32(register.status1) & status1Bit.rstDone) === 0) {
			this.waitOrFail("noAnswer", now_ms);
			return;
		}
		bus.write(register.status1, status1Bit.rstDone);
		const status = bus.read32(register.status1);
		const version = bus.read16(register.version);
		const part = bus.read32(register.partId);
		if (bus.hasFailed || (status & status1Bit.rstDone) !== 0) this.waitOrFail("noAnswer", now_ms);
		else if ((version & versionMask) !== versionValue || (part & partIdBit) === 0) this.fail("wrongPart", now_ms);
		else this.beginConfiguration(now_ms);
	}

	private run(now_ms: number): void {
		const bus = this.#bus;
		if (bus.writeChecked(register.run, 1) && bus.writeChecked(register.epCfg, energyConfiguration)) {
			bus.write(register.tempCfg, startTemperature);
			this.enter(step.lock, now_ms, programTime_ms, stepLimit_ms);
		} else this.fail("configuration", now_ms);
	}

	/** Waits for the metering program, asks for the checksum of the configuration and locks it. */
	private lock(now_ms: number): void {
		const bus = this.#bus;
		if (bus.read32(register.version2) !== version2Value) {
			this.waitOrFail("stalled", now_ms);
			return;
		}
		const trim = bus.read32(register.tempTrim);
		this.temperatureGain = trim & 0xffff;
		this.temperatureOffset = trim >>> 16;
		bus.write(register.status0, -1);
		bus.write(register.status1, -1);
		bus.write(register.crcForce, 1);
		bus.write(register.wrLock, lockKey);
		if (bus.read16(register.wrLock) !== 1 || bus.hasFailed) this.waitOrFail("configuration", now_ms);
		else this.enter(step.checksum, now_ms, checksumTime_ms, stepLimit_ms);
	}

	private takeChecksum(now_ms: number): void {
		const bus = this.#bus;
		const status = bus.read32(register.status1);
		const checksum = bus.read16(register.crcRslt);
		if (bus.hasFailed || (status & status1Bit.crcDone) === 0) {
			this.waitOrFail("configuration", now_ms);
			return;
		}
		this.checksum = checksum;
		bus.forgetLock();
		bus.acknowledge(register.status1, status1Bit.crcDone | status1Bit.crcChg);
		this.finish();
	}
}
