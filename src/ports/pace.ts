// SPDX-License-Identifier: Apache-2.0

/**
 * How long one request may take before the answer is cut short, where it can be: it then goes on with the next block, and the
 * host gets to its other work in between. Left out where nothing else waits.
 */
export interface Pace {
	/** A request is taken up. */
	begin(): void;
	/** It has had its share. Looked at between the elements of long answers. */
	readonly isSpent: boolean;
}
