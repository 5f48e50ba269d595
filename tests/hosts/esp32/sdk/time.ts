// SPDX-License-Identifier: Apache-2.0

/** Tick counter that the test moves; it wraps at 2^32 as a 32-bit one does. */
const Time = {
	ticks: 0,
	delta(start: number, end: number): number {
		return (end - start) >>> 0;
	},
};
export default Time;
