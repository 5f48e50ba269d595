// SPDX-License-Identifier: Apache-2.0
import type { LocalClock } from "../../../src/core/local-periods.js";
import type { CaptureColumn } from "../../../src/profile/capture-column.js";
import { ProfileBuffer } from "../../../src/profile/profile-buffer.js";
import type { ProfileDefinition } from "../../../src/profile/profile-definition.js";
import type { ProfileHost } from "../../../src/profile/profile-parts.js";
import { ProfileRow } from "../../../src/profile/profile-row.js";
import { Profiles } from "../../../src/profile/profiles.js";
import { sortMethod } from "../../../src/profile/sort-method.js";
import { maximumSortedRows, sortedField } from "../../../src/profile/sorted-rows.js";
import { recordKey } from "../../../src/storage/keys.js";
import { RecordLog } from "../../../src/storage/record-log.js";
import { EngineFlash } from "./support/engine-flash.js";

const recordSectors = 4;
const captures = 600;
const doubleLongUnsigned = 6;

const stamp: CaptureColumn = { classId: 8, logicalName: 0x0000_0100_00ff, attributeIndex: 2, dataIndex: 0 };
const power: CaptureColumn = { classId: 3, logicalName: 0x0100_0107_00ff, attributeIndex: 2, dataIndex: 0 };

const definition: ProfileDefinition = {
	logicalName: 0x0100_6303_00ff,
	key: recordKey.profiles,
	statusName: 0,
	periods: [],
	capturePeriod_s: 0,
	entries: { board: maximumSortedRows.board, desktop: maximumSortedRows.board },
	sortMethod: sortMethod.largest,
	sortObject: power,
	markPowerDown: false,
	columns: [stamp, power],
};

/** A clock that is told what it shows. */
class ToldClock implements LocalClock {
	now_s = 0;

	utc_s(): number {
		return this.now_s;
	}

	monotonicAt_ms(utc_s: number): number {
		return utc_s * 1000;
	}

	local_s(utc_s: number): number {
		return utc_s;
	}

	deviation_min(): number {
		return 0;
	}

	status(): number {
		return 0;
	}
}

class SortedMeter implements ProfileHost {
	power_W = 0;
	readonly clock = new ToldClock();
	readonly row = new ProfileRow();

	start(): ProfileBuffer {
		const flash = new EngineFlash();
		const profiles = new Profiles({
			definitions: [definition],
			size: "board",
			flash,
			partitions: [{ firstSector: 2 * recordSectors, sectorCount: flash.sectorCount - 2 * recordSectors }],
			parameters: new RecordLog(flash, 0, recordSectors),
			journal: new RecordLog(flash, recordSectors, recordSectors),
			clock: this.clock,
			host: this,
			row: this.row,
		});
		profiles.start();
		return new ProfileBuffer(profiles, 0);
	}

	has(): boolean {
		return true;
	}

	maximumColumnSize(): number {
		return 5;
	}

	encodeColumn(column: CaptureColumn, into: Uint8Array, at: number, stamp_s: number): number {
		into[at] = doubleLongUnsigned;
		new DataView(into.buffer).setUint32(at + 1, column.classId === stamp.classId ? stamp_s : this.power_W);
		return at + 5;
	}

	sortValue(row: ProfileRow): number {
		return new DataView(row.bytes.buffer).getUint32(row.columnsAt + 6);
	}

	beforeCapture(): void {}

	hasCriticalError(): boolean {
		return false;
	}

	cleared(): void {}

	captureFailed(): void {}

	/** The power that each row has, in the order of the profile. */
	read(buffer: ProfileBuffer): string {
		const rows = buffer.sorted!.part(0, buffer.entriesInUse);
		const found: number[] = [];
		for (let n = 0; n < rows.count; n++) {
			if (buffer.readRow(rows.numberAt(n), this.row)) found.push(this.sortValue(this.row));
		}
		return found.join();
	}
}

/** A profile of the board's most entries that is sorted: its order, what it takes at rest, and what a capture costs. */
export default function run(): void {
	const meter = new SortedMeter();
	let buffer = meter.start();
	const captured: number[] = [];
	let state = 1;
	for (let n = 0; n < captures; n++) {
		state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
		// rising, so that nearly each row comes among those that are kept, and the first ones stay
		meter.power_W = n < 20 ? 1_000_000 + (state >>> 16) : n * 10 + (state >>> 28);
		captured.push(meter.power_W);
		meter.clock.now_s++;
		beginSpan("capture");
		buffer.capture();
		endSpan("capture");
	}
	captured.sort((a, b) => b - a);
	captured.length = definition.entries.board;
	const expected = captured.join();
	check("the rows are those of the highest power, in its order", meter.read(buffer) === expected);
	beginSpan("start");
	buffer = meter.start();
	endSpan("start");
	check("a start finds the same", meter.read(buffer) === expected);
	beginSpan("range");
	const inRange = buffer.sorted!.select(sortedField.value, 1_000_000, Infinity);
	endSpan("range");
	check("a range of the sort object is found without reading a row", inRange.count === 20);
	captured.length = 0;
	reading("sorted profile");
}
