// SPDX-License-Identifier: Apache-2.0

/** Loops back what was sent, plus one, unless a test has put a part on the bus; notes what happens to the select line. */
export default class FakeSpi {
	static readonly log: string[] = [];
	static readonly longestTransfer = 1024;
	static part: { transfer(frame: Uint8Array): void } | undefined;

	transfer(buffer: Uint8Array): void {
		FakeSpi.log.push(`transfer ${buffer.length}`);
		if (buffer.length > FakeSpi.longestTransfer) return; // as the driver of the board: no error, nothing moved
		if (FakeSpi.part !== undefined) {
			FakeSpi.part.transfer(buffer);
			return;
		}
		for (let n = 0; n < buffer.length; n++) buffer[n] = buffer[n]! + 1;
	}

	flush(deselect?: boolean): void {
		FakeSpi.log.push(`flush ${deselect}`);
	}

	close(): void {}
}
