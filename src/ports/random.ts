// SPDX-License-Identifier: Apache-2.0

/** Random octets: hardware generator on the board, the operating system's or a seeded one in the simulator. */
export interface Random {
	fill(into: Uint8Array): void;
}
