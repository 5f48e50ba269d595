// SPDX-License-Identifier: Apache-2.0
import { DeviceError } from "../core/device-error.js";
import { FramJournal } from "../storage/fram-journal.js";
import { type FlashLayout, flashLayout } from "../storage/layout.js";
import { LogBuffers } from "../storage/log-buffers.js";
import { RecordLog } from "../storage/record-log.js";
import type { RecordStore } from "../storage/record-store.js";
import type { MeterPorts, MeterSettings } from "./meter-ports.js";

/** Where the parts of one meter keep what must outlive a power cut. */
export interface Stores {
	readonly layout: FlashLayout;
	/** Shared by all logs. */
	readonly buffers: LogBuffers;
	/** Values that move by themselves: registers, counters, states. */
	readonly journal: RecordStore;
	/** What clients and the factory set. */
	readonly parameters: RecordStore;
}

/** Octets of records that may come between two idle moments: what a request writes, or a failing supply. */
const spareRoom = 512;

/** Erases ahead in a store, so that the next records only program. For idle moments. */
export function makeRoom(store: RecordStore): void {
	try {
		store.makeRoom?.(spareRoom);
	} catch (error) {
		if (!(error instanceof DeviceError)) throw error; // the next record tries again, and tells
	}
}

/** Opens journal and parameters as they were left; logs and profiles open theirs in the layout. */
export function openStores(ports: MeterPorts, settings: MeterSettings): Stores {
	const { flash } = ports;
	const layout = flashLayout(settings.size);
	const buffers = new LogBuffers();
	const records = new RecordLog(flash, layout.journal.firstSector, layout.journal.sectorCount, buffers);
	const journal = FramJournal.open(records, ports.fram, settings.identity.systemTitle);
	const { firstSector, sectorCount } = layout.parameters;
	return { layout, buffers, journal, parameters: new RecordLog(flash, firstSector, sectorCount, buffers) };
}
