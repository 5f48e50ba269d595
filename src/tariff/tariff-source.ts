// SPDX-License-Identifier: Apache-2.0
import { DateTime } from "../clock/date-time.js";
import { DeviceError } from "../core/device-error.js";
import { numberOfRates } from "../metrology/rate-registers.js";
import { recordKey } from "../storage/keys.js";
import type { RecordStore } from "../storage/record-store.js";

/** Who decides on the tariff (source_priority of 0-0:96.50.5). */
export const sourcePriority = Object.freeze({ calendar: 0, client: 1, input: 2 });

const layoutVersion = 1;
const offset = Object.freeze({ version: 0, priority: 1, forced: 2, until: 3, default: 15, end: 16 });

/** Tariff source and override, loaded when it is needed: version 1 · priority · forced rate · until (12) · default rate. */
export class TariffSource {
	readonly bytes = new Uint8Array(offset.end);

	load(store: RecordStore): this {
		let length = -1;
		try {
			length = store.read(recordKey.tariffSource, this.bytes);
		} catch (error) {
			if (!(error instanceof DeviceError)) throw error;
		}
		if (length === offset.end && this.bytes[0] === layoutVersion) return this;
		this.bytes.fill(0);
		this.bytes[0] = layoutVersion;
		new DateTime().encode(this.bytes, offset.until);
		this.defaultRate = 1;
		return this;
	}

	/** @throws DeviceError when the medium refuses */
	store(store: RecordStore): void {
		store.write(recordKey.tariffSource, this.bytes);
	}

	/** One of `sourcePriority`. */
	get priority(): number {
		return this.bytes[offset.priority]!;
	}

	set priority(value: number) {
		this.bytes[offset.priority] = value;
	}

	/** 0 for none. */
	get forcedRate(): number {
		return this.bytes[offset.forced]!;
	}

	set forcedRate(value: number) {
		this.bytes[offset.forced] = value;
	}

	/** In force while the time is lost. */
	get defaultRate(): number {
		return this.bytes[offset.default]!;
	}

	set defaultRate(value: number) {
		this.bytes[offset.default] = value;
	}

	/** Offset in `bytes` of the end of the override, 12 octets. */
	get untilAt(): number {
		return offset.until;
	}

	until(): DateTime {
		return new DateTime().decode(this.bytes, offset.until);
	}

	/** The override has no end. */
	get isOpen(): boolean {
		return this.bytes[offset.until] === 0xff && this.bytes[offset.until + 1] === 0xff;
	}

	isSound(): boolean {
		if (this.priority > sourcePriority.input || this.forcedRate > numberOfRates) return false;
		if (this.defaultRate < 1 || this.defaultRate > numberOfRates) return false;
		return this.isOpen || this.until().isComplete();
	}
}
