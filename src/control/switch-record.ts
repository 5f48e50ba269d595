// SPDX-License-Identifier: Apache-2.0
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";
import { controlState } from "./disconnect-transitions.js";

/** What the relay has been told and has not yet been seen to do. */
export const pendingMove = Object.freeze({ none: 0, open: 1, close: 2 });

/** Operations at which IEC 62055-31 (UC3) has the contacts worn: a warning, then the end of the rated endurance. */
export const warningOperations = 8000;
export const ratedOperations = 10_000;

const layoutVersion = 1;
const offset = Object.freeze({
	version: 0,
	state: 1,
	mode: 2,
	move: 3,
	target: 4,
	event: 5,
	flags: 6,
	kept: 7,
	operations: 8,
	complement: 12,
	fraudMask: 16,
	end: 18,
});
const failedFlag = 1;
const defaultMode = 2;

/** What the switch has to know again after power loss; one record of the journal, 18 octets. */
export class SwitchRecord {
	/** The counter of operations could not be trusted at start. */
	readonly isCounterCorrupt: boolean;
	readonly #store: RecordStore;
	readonly #bytes = new Uint8Array(offset.end);
	readonly #view = new DataView(this.#bytes.buffer);

	constructor(store: RecordStore) {
		this.#store = store;
		const length = store.read(recordKey.supplySwitch, this.#bytes);
		if (length !== offset.end || this.#bytes[offset.version] !== layoutVersion) {
			this.#bytes.fill(0);
			this.#bytes[offset.version] = layoutVersion;
			this.#bytes[offset.state] = controlState.connected;
			this.#bytes[offset.mode] = defaultMode;
			this.operations = 0;
		}
		const view = this.#view;
		const isLost = length < 0 && store.isLost?.(recordKey.supplySwitch) === true;
		this.isCounterCorrupt = isLost || (view.getUint32(offset.operations) ^ view.getUint32(offset.complement)) !== -1;
		if (this.isCounterCorrupt) this.operations = warningOperations;
	}

	/** One of `controlState`. */
	get state(): number {
		return this.#bytes[offset.state]!;
	}

	set state(state: number) {
		this.#bytes[offset.state] = state;
	}

	get mode(): number {
		return this.#bytes[offset.mode]!;
	}

	set mode(mode: number) {
		this.#bytes[offset.mode] = mode;
	}

	/** One of `pendingMove`, with the state and the event code that its success gives. */
	get move(): number {
		return this.#bytes[offset.move]!;
	}

	get target(): number {
		return this.#bytes[offset.target]!;
	}

	get event(): number {
		return this.#bytes[offset.event]!;
	}

	setMove(move: number, target: number, event: number): void {
		this.#bytes[offset.move] = move;
		this.#bytes[offset.target] = target;
		this.#bytes[offset.event] = event;
	}

	/** The contacts did not do what they were told last. */
	get hasFailed(): boolean {
		return (this.#bytes[offset.flags]! & failedFlag) !== 0;
	}

	set hasFailed(hasFailed: boolean) {
		this.#bytes[offset.flags] = hasFailed ? failedFlag : 0;
	}

	/** Order of a schedule, calendar or monitor that waits for the relay: `noOrder`, or its trigger and one. */
	get kept(): number {
		return this.#bytes[offset.kept]!;
	}

	set kept(order: number) {
		this.#bytes[offset.kept] = order;
	}

	/** Times the contacts were moved since manufacture. */
	get operations(): number {
		return this.#view.getUint32(offset.operations);
	}

	set operations(count: number) {
		this.#view.setUint32(offset.operations, count);
		this.#view.setUint32(offset.complement, ~count);
	}

	/** Bit 15 - n: fraud of cause n disconnects; as the bits stand in 0-0:96.50.2. */
	get fraudMask(): number {
		return this.#view.getUint16(offset.fraudMask);
	}

	set fraudMask(mask: number) {
		this.#view.setUint16(offset.fraudMask, mask);
	}

	/** @throws DeviceError when the medium refuses */
	save(): void {
		this.#store.write(recordKey.supplySwitch, this.#bytes);
	}

	/** Changes and stores, or leaves everything as it was. @throws DeviceError when the medium refuses */
	change(apply: (record: this) => void): void {
		const before = this.#bytes.slice();
		apply(this);
		try {
			this.save();
		} catch (error) {
			this.#bytes.set(before);
			throw error;
		}
	}
}
