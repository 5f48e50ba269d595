// SPDX-License-Identifier: Apache-2.0

/** Keeps allocating: the machine must stop at the size of the board's heap, not grow. */
export default function run(): void {
	const kept: Uint8Array[] = [];
	for (;;) kept.push(new Uint8Array(1024));
}
