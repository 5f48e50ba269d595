// SPDX-License-Identifier: Apache-2.0

/**
 * How long a turn with a request may take. Then an answer is cut short, where it can be, and goes on with the next block; and
 * what is done in pieces goes on in the next turn. The host gets to its other work in between. Left out where nothing else waits.
 */
export interface Pace {
	/** A request is taken up, or gone on with. */
	begin(): void;
	/** It has had its share. Looked at between the elements of long answers, and between pieces. */
	readonly isSpent: boolean;
}
