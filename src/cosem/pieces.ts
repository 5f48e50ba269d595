// SPDX-License-Identifier: Apache-2.0

/**
 * Work that a request needs and that may be spread over several turns of the host: it yields between its pieces, and returns
 * a result. What is yielded says how the next piece wants to follow.
 */
export type Pieces<Result = number> = Generator<Pause, Result, undefined>;

export const pause = Object.freeze({
	/** Unless the turn has had its share of time (`ports/pace`), the next piece is done in it. */
	whenSpent: 0,
	/** The next piece takes much of a turn: it has one of its own. */
	always: 1,
});
export type Pause = (typeof pause)[keyof typeof pause];

/** Every generator function goes through here: the prototype that it has of its own would not stay in flash as it is. */
export function inPieces<Work extends (...parameters: never[]) => Pieces<unknown>>(work: Work): Work {
	Object.freeze(work.prototype);
	return work;
}

/** All pieces at once. @returns the result @throws what a piece throws */
export function whole(work: number | Pieces): number {
	if (typeof work === "number") return work;
	for (;;) {
		const { done, value } = work.next();
		if (done === true) return value;
	}
}

/** Makes another result of that of `work`. @param failed of what a piece throws; without it the pieces throw it */
export const followed: (work: Pieces, by: (result: number) => number, failed?: (error: unknown) => number) => Pieces =
	inPieces(function* (work: Pieces, by: (result: number) => number, failed?: (error: unknown) => number): Pieces {
		try {
			return by(yield* work);
		} catch (error) {
			if (failed === undefined) throw error;
			return failed(error);
		}
	});
