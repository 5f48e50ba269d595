// SPDX-License-Identifier: Apache-2.0

const offset = Object.freeze({ utc: 0, deviation: 4, run: 6, clockStatus: 8 });

/** What every row of a ring begins with: when it was made, by which clock. Made once and reused. */
export abstract class StampedRow {
	/** Octets of the stamp; what a kind of row adds lies behind. */
	static readonly stampSize = 9;
	readonly bytes: Uint8Array;
	protected readonly view: DataView;

	constructor(size: number) {
		this.bytes = new Uint8Array(size);
		this.view = new DataView(this.bytes.buffer);
	}

	/** Time stamp of the row, seconds since 2000-01-01. */
	get utc_s(): number {
		return this.view.getUint32(offset.utc);
	}

	/** Minutes from local time to UTC at the time stamp. */
	get deviation_min(): number {
		return this.view.getInt16(offset.deviation);
	}

	get local_s(): number {
		return this.utc_s - this.deviation_min * 60;
	}

	/** Differs from that of the row before when time, UTC or local, went back between them; otherwise equal. 16 bits. */
	get run(): number {
		return this.view.getUint16(offset.run);
	}

	get clockStatus(): number {
		return this.bytes[offset.clockStatus]!;
	}

	protected writeStamp(utc_s: number, deviation_min: number, run: number, clockStatus: number): void {
		this.view.setUint32(offset.utc, utc_s);
		this.view.setInt16(offset.deviation, deviation_min);
		this.view.setUint16(offset.run, run);
		this.view.setUint8(offset.clockStatus, clockStatus);
	}
}
