// SPDX-License-Identifier: Apache-2.0

/** `octets` with one of them changed; as they are for `place` -1. */
export function changedAt(octets: Uint8Array, place: number): Uint8Array {
	const changed = octets.slice();
	if (place >= 0) changed[place]! ^= 1;
	return changed;
}

/** Byte codes that `work` takes for each of `values`; the first one is done once more before, for what is made once. */
export function costs<Value>(values: readonly Value[], work: (value: Value) => void): number[] {
	const all: number[] = [];
	work(values[0]!);
	for (let n = 0; n < values.length; n++) {
		const value = values[n]!;
		const begin = computrons();
		work(value);
		all.push(computrons() - begin);
	}
	return all;
}

/** States that all are alike, and shows what they are. */
export function checkAlike(title: string, all: readonly number[]): void {
	let isAlike = all.length > 1 && all[0]! > 0;
	for (let n = 1; n < all.length; n++) if (all[n] !== all[0]) isAlike = false;
	print(title, all.join(" "));
	check(title, isAlike);
}
