// SPDX-License-Identifier: Apache-2.0
import { address, burstCopies, is16Bit, registerRows, registerSpace } from "./register-map.js";

/** What the rest of the chip does when the bus touches a register. */
export interface RegisterHooks {
	/** Called before a waveform or a peak is read; the owner brings it up to date. */
	beforeLiveRead(): void;
	/** Called before a power accumulator is read; the same. */
	beforePowerRead(): void;
	/** Called when all bits of an accumulator have left. */
	afterAccumulatorRead(at: number): void;
	/** Called after a write that was accepted; `written` is what the bus sent, `before` the old contents. */
	afterWrite(at: number, written: number, before: number): void;
}

const flagBits = Object.freeze({
	writable: 1,
	clearByOne: 2,
	clearByRead: 4,
	chain: 8,
	live: 16,
	accumulator: 32,
	power: 64,
});

/** Writable registers that do not change how samples become results: the engines need not look again after a write. */
const apart: ReadonlySet<number> = new Set([
	...[address.mask0, address.mask1, address.eventMask, address.run, address.config1, address.wfbCfg],
	...[address.wfbPgIrqen, address.wfbTrgCfg, address.crcForce, address.crcOpten, address.tempCfg, address.wrLock],
]);

/** From phase to phase. */
const accumulatorStep = 0x3c;

const flags = new Uint8Array(registerSpace);
const writeMasks = new Int32Array(registerSpace);
const aliases = new Uint16Array(registerSpace);
for (let at = 0; at < registerSpace; at++) aliases[at] = burstCopies.get(at) ?? at;
for (const { name, address: at, access, mask } of registerRows) {
	writeMasks[at] = mask;
	if (/_PCF$|_DAT$|PEAK$/.test(name)) flags[at]! |= flagBits.live;
	if (access === "RW") flags[at]! |= flagBits.writable | (apart.has(at) ? 0 : flagBits.chain);
	if (access === "W1C") flags[at]! |= flagBits.clearByOne;
	if (access === "RC") flags[at]! |= flagBits.clearByRead;
}
for (let at = address.accumulators; at < address.accumulators + 3 * accumulatorStep; at++) {
	flags[at]! |= flagBits.accumulator;
	if (((at - address.accumulators) % accumulatorStep) % 10 < 2) flags[at]! |= flagBits.power;
}
for (let n = 0; n < 4; n++) {
	flags[address.signedSums + 4 * n]! |= flagBits.power;
	flags[address.signedSums + 4 * n + 1]! |= flagBits.power;
}

/** STATUS1 bits that reach the pin without a mask: RSTDONE, ERROR0, ERROR1, ERROR3. */
const nonMaskable1 = (1 << 16) | (1 << 28) | (1 << 29) | (1 << 31);

const lockKey = 0x3c64;
const unlockKey = 0x4ad1;

/** Registers of the chip: contents, rights, write protection, status and interrupt lines. */
export class RegisterFile {
	/** Bit patterns; 16-bit registers are kept unsigned. */
	readonly values = new Int32Array(registerSpace);
	/** Counts accepted changes of anything that the signal chain depends on. */
	chainRevision = 0;
	/** Set by each change of a writable register except WFB_CFG and the lock; the configuration CRC clears it. */
	isConfigurationTouched = false;
	/** The same for WFB_CFG, which a capture writes twice and the CRC covers on demand alone. */
	isWaveformTouched = false;
	readonly #hooks: RegisterHooks;

	constructor(hooks: RegisterHooks) {
		this.#hooks = hooks;
		this.reset();
	}

	/** Reset values everywhere. */
	reset(): void {
		this.values.fill(0);
		for (const { address: at, reset } of registerRows) this.values[at] = reset;
		this.chainRevision++;
		this.isConfigurationTouched = false;
		this.isWaveformTouched = false;
	}

	/** Reads as the bus does: unsigned 32 bits. Unknown addresses read 0. */
	read(at: number): number {
		if (at >= registerSpace) return 0;
		const real = aliases[at]!;
		const flag = flags[real]!;
		if (flag & flagBits.live) this.#hooks.beforeLiveRead();
		if (flag & flagBits.power) this.#hooks.beforePowerRead();
		return this.values[real]! >>> 0;
	}

	/** What reading does to the register itself, once all its bits have left. */
	finishRead(at: number): void {
		if (at >= registerSpace) return;
		const flag = flags[at]!;
		if (flag & flagBits.clearByRead) this.values[at] = 0;
		if (flag & flagBits.accumulator) this.#hooks.afterAccumulatorRead(at);
	}

	/** Writes as the bus does; forbidden and unknown addresses ignore it. */
	write(at: number, written: number): void {
		if (at >= registerSpace || this.#isProtected(at)) return;
		const flag = flags[at]!;
		const before = this.values[at]!;
		if (flag & flagBits.clearByOne) {
			this.values[at] = before & ~(written & writeMasks[at]!);
			return;
		}
		if (!(flag & flagBits.writable)) return;
		if (at === address.wrLock) {
			if (written === lockKey) this.values[at] = 1;
			else if (written === unlockKey) this.values[at] = 0;
			return;
		}
		this.#store(at, written & writeMasks[at]!);
		this.#hooks.afterWrite(at, written, before);
	}

	/** Changes bits behind the back of the bus, as a radiation or supply upset would. */
	corrupt(at: number, xorMask: number): void {
		if (at < registerSpace) this.#store(at, this.values[at]! ^ (is16Bit(at) ? xorMask & 0xffff : xorMask));
	}

	raise0(bits: number): void {
		this.values[address.status0]! |= bits;
	}

	raise1(bits: number): void {
		this.values[address.status1]! |= bits;
	}

	/** Sets or clears bits of EVENT_STATUS. */
	setEvent(bits: number, isOn: boolean): void {
		if (isOn) this.values[address.eventStatus]! |= bits;
		else this.values[address.eventStatus]! &= ~bits;
	}

	get interrupt0(): boolean {
		return (this.values[address.status0]! & this.values[address.mask0]!) !== 0;
	}

	get interrupt1(): boolean {
		const status1 = this.values[address.status1]!;
		return (status1 & (this.values[address.mask1]! | nonMaskable1)) !== 0;
	}

	#isProtected(at: number): boolean {
		if (this.values[address.wrLock] === 0 || at === address.wrLock) return false;
		return at <= 0x073 || (at >= 0x400 && at <= 0x4fe);
	}

	#store(at: number, value: number): void {
		if (this.values[at] === (value | 0)) return;
		this.values[at] = value;
		if (at === address.wfbCfg) this.isWaveformTouched = true;
		else if (flags[at]! & flagBits.writable) this.isConfigurationTouched = true;
		if (flags[at]! & flagBits.chain) this.chainRevision++;
	}
}
