// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type Data, decodeData } from "./client/axdr.js";
import { concat } from "./client/bytes.js";
import type { DlmsClient } from "./client/client.js";
import { decodeResponse, encodeGet, encodeGetNext } from "./client/services.js";

/** Reads an attribute in blocks, more than three; `between` happens after each of them but the last. */
export async function readInBlocks(
	client: DlmsClient,
	attribute: Parameters<typeof encodeGet>[1],
	between: (block: number) => Promise<void>,
): Promise<Data> {
	const parts: Uint8Array[] = [];
	let apdu = encodeGet({ id: 1 }, attribute);
	for (;;) {
		const response = decodeResponse(await client.association.exchange(apdu));
		assert.ok(response.kind === "getBlock" && response.block !== undefined, JSON.stringify(response));
		parts.push(response.block.raw);
		if (response.isLast) break;
		await between(parts.length);
		apdu = encodeGetNext({ id: 1 }, parts.length);
	}
	assert.ok(parts.length > 3, `${parts.length} blocks`);
	return decodeData(concat(...parts));
}
