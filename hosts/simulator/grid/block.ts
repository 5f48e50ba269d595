// SPDX-License-Identifier: Apache-2.0
import { channelCount } from "./terminals.js";

/** @throws RangeError when the rate is not positive, `count` no whole number from 0, or an array is shorter than it */
export function requireRoom(rate_Hz: number, count: number, into: readonly Float64Array[]): void {
	if (!(rate_Hz > 0 && rate_Hz < Number.MAX_VALUE)) throw new RangeError(`rate_Hz must be positive, not ${rate_Hz}`);
	if (!Number.isInteger(count) || count < 0) throw new RangeError(`count must be a whole number, not ${count}`);
	for (let c = 0; c < channelCount; c++) {
		if ((into[c]?.length ?? 0) < count) throw new RangeError(`channel ${c} has no room for ${count} samples`);
	}
}
