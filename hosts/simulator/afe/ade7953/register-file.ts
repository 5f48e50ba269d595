// SPDX-License-Identifier: Apache-2.0
import {
	accmodeWritable,
	nativeAddress,
	type RegisterDefinition,
	reg,
	registerDefinitions,
	widthAt,
} from "./registers.js";

/** What stands behind the registers that are not plain storage. */
export interface RegisterBackend {
	/** Present content of a read-only register (native address); for ACCMODE its read-only bits alone. */
	live(address: number): number;
	/** A read went to its end: the read-with-reset registers clear here. */
	onRead(address: number): void;
	/** A register took a new value. */
	onWrite(address: number): void;
}

const operationRead = 0x35;
const operationWrite = 0xca;
const unlockKey = 0xad;
/** Registers at or above 0x400 are stored below it, where no register has its place. */
const foldedBase = 0x3e0;
const registerSpace = 0x400;
/** Definitions of all addresses but the two far ones: every transfer asks for one. */
const near: readonly (RegisterDefinition | undefined)[] = Array.from({ length: registerSpace }, (_, address) =>
	registerDefinitions.get(address),
);
/** Data of a transfer by its octets. */
const dataMasks: readonly number[] = [0, 0xff, 0xffff, 0xff_ffff];

/**
 * The registers of the ADE7953 behind its serial interface: widths, 32-bit aliases, write protection, the records of the
 * last transfer, and the two registers that ask for two transfers in a row.
 */
export class RegisterFile {
	readonly #backend: RegisterBackend;
	readonly #ignoresFirstDenominator: boolean;
	readonly #values = new Int32Array(registerSpace);
	#lastOperation = 0;
	#lastAddress = 0;
	#lastData = 0;
	/** Address and value of the previous transfer when it was a complete write, else −1. */
	#previousWrite = -1;
	#previousValue = 0;

	/** @param ignoresFirstDenominator a single write to CF1DEN or CF2DEN has no effect (data sheet: write twice) */
	constructor(backend: RegisterBackend, ignoresFirstDenominator: boolean) {
		this.#backend = backend;
		this.#ignoresFirstDenominator = ignoresFirstDenominator;
		this.reset();
	}

	reset(): void {
		for (const { address, reset } of registerDefinitions.values()) this.#values[indexOf(address)] = reset;
		this.#lastOperation = 0;
		this.#lastAddress = 0;
		this.#lastData = 0;
		this.#previousWrite = -1;
	}

	/** Stored content by native address; signed registers are sign-extended. */
	get(address: number): number {
		return this.#values[indexOf(address)]!;
	}

	/**
	 * One frame from the fall of chip select to its rise; the answer overwrites it. A frame that ends before the last octet
	 * of data is an aborted transfer: nothing is stored, cleared or recorded.
	 */
	transfer(frame: Uint8Array): void {
		const address = frame.length < 3 ? -1 : frame[0]! * 256 + frame[1]!;
		const isRead = frame.length >= 3 && (frame[2]! & 0x80) !== 0;
		const native = nativeAddress(address);
		const width = widthAt(address);
		const definition = native >= 0 && native < registerSpace ? near[native] : registerDefinitions.get(native);
		const isComplete = address >= 0 && width > 0 && frame.length >= 3 + width;
		if (isRead) {
			this.#previousWrite = -1;
			this.#read(frame, address, width, isComplete ? definition : undefined, definition);
			return;
		}
		let value = 0;
		if (isComplete) for (let n = 0; n < width; n++) value = ((value << 8) | frame[3 + n]!) >>> 0;
		clear(frame);
		if (isComplete && definition !== undefined) this.#write(address, width, definition, value);
		else this.#previousWrite = -1;
	}

	#read(
		frame: Uint8Array,
		address: number,
		width: number,
		complete: RegisterDefinition | undefined,
		definition: RegisterDefinition | undefined,
	): void {
		const value = definition === undefined ? 0 : this.#content(definition);
		clear(frame);
		for (let n = 0; n < width && 3 + n < frame.length; n++) frame[3 + n] = value >>> (8 * (width - 1 - n));
		if (complete === undefined || complete.access === "w") return;
		if (isRecord(complete.address)) return; // reading the records leaves them as they are
		this.#record(operationRead, address, width, value);
		this.#backend.onRead(complete.address);
	}

	#content({ address, access }: RegisterDefinition): number {
		if (address === reg.LAST_OP) return this.#lastOperation;
		if (address === reg.LAST_ADD) return this.#lastAddress;
		if (isRecord(address)) return this.#lastData;
		if (access === "w") return 0;
		if (access === "r") return this.#backend.live(address);
		if (address === reg.ACCMODE) return this.get(address) | this.#backend.live(address);
		return this.get(address);
	}

	#write(address: number, width: number, definition: RegisterDefinition, value: number): void {
		const native = definition.address;
		const previous = this.#previousWrite;
		const previousValue = this.#previousValue;
		this.#previousWrite = -1;
		if (definition.access === "r" || this.#isProtected(native, width)) return;
		this.#previousWrite = native;
		this.#previousValue = value;
		this.#record(operationWrite, address, width, value);
		if (definition.access === "w") return;
		if (native === reg.OPTIMUM && (previous !== reg.UNLOCK || previousValue !== unlockKey)) return;
		if (this.#ignoresFirstDenominator && (native === reg.CF1DEN || native === reg.CF2DEN)) {
			if (previous !== native) return;
			this.#previousWrite = -1; // a third write is the first of a new pair
		}
		const kept = value & (native === reg.ACCMODE ? accmodeWritable : definition.mask);
		this.#values[indexOf(native)] = definition.isSigned && width >= 3 ? (kept << 8) >> 8 : kept;
		this.#backend.onWrite(native);
	}

	#isProtected(native: number, width: number): boolean {
		if (native === reg.WRITE_PROTECT) return false;
		const bit = width === 1 ? 1 : width === 2 ? 2 : 4;
		return (this.get(reg.WRITE_PROTECT) & bit) !== 0;
	}

	#record(operation: number, address: number, width: number, value: number): void {
		this.#lastOperation = operation;
		this.#lastAddress = address;
		this.#lastData = width === 4 ? value >>> 0 : value & dataMasks[width]!;
	}
}

/** Frames are short: a loop beats the call. */
function clear(frame: Uint8Array): void {
	for (let n = 0; n < frame.length; n++) frame[n] = 0;
}

function indexOf(address: number): number {
	if (address < 0x400) return address;
	return address === reg.EX_REF ? foldedBase : foldedBase + 1;
}

function isRecord(address: number): boolean {
	return (
		address === reg.LAST_OP ||
		address === reg.LAST_ADD ||
		address === reg.LAST_RWDATA8 ||
		address === reg.LAST_RWDATA16 ||
		address === reg.LAST_RWDATA24
	);
}
