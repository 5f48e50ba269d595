// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

export function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

/** Spaces may be used to group the digits. */
export function fromHex(text: string): Uint8Array {
	return new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

export interface VectorCase {
	readonly id: string;
	readonly what: string;
	readonly hex: string;
	readonly expect?: string;
	readonly [field: string]: unknown;
}

/** Cases of tests/vectors/`name`.json. */
export function vectorCases(name: string): VectorCase[] {
	const path = new URL(`../../vectors/${name}.json`, import.meta.url);
	return (JSON.parse(readFileSync(path, "utf8")) as { cases: VectorCase[] }).cases;
}
