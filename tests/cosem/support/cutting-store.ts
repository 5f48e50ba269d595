// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../../../src/core/device-error.js";
import { MemoryStore } from "../../support/stores.js";

export class PowerCut extends Error {
	override readonly name = "PowerCut";
}

/** A store whose power fails at a write that is chosen beforehand, just before or just after it reached the medium. */
export class CuttingStore extends MemoryStore {
	writes = 0;
	/** Number of the write at which power fails, counted from 1; `Infinity` for never. */
	cutAt = Infinity;
	isCutAfterWrite = false;
	refuses = false;
	/** The one record that is refused. */
	refusedRecord = -1;

	override write(key: number, bytes: Uint8Array, length = bytes.length): void {
		if (this.refuses || key === this.refusedRecord) throw new DeviceError("flash", "refused");
		this.writes++;
		if (this.writes >= this.cutAt && !(this.isCutAfterWrite && this.writes === this.cutAt)) throw new PowerCut();
		super.write(key, bytes, length);
		if (this.writes >= this.cutAt) throw new PowerCut();
	}
}
