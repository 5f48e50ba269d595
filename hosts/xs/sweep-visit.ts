// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { ref } from "../../tests/support/client/data.js";
import { accessBit } from "../../tests/support/client/object-list.js";
import type { Connect, Turn } from "./client-session.js";

/** Attribute 0: all that the client can read. */
const all = 0;

/** Management reads each attribute of each object, and all of them at once, and writes back what it may write. */
export async function sweepVisit(connect: Connect, turn: Turn): Promise<void> {
	const client = connect(0);
	await client.associate();
	const objects = await client.readObjectList();
	for (const { classId, logicalName, attributes } of objects) {
		const object = ref(classId, logicalName);
		for (const [attribute, mode] of attributes) {
			if ((mode & accessBit.read) === 0) continue;
			const { result, data } = await client.get(object, attribute);
			assert.equal(result, 0, `${logicalName} attribute ${attribute}`);
			if ((mode & accessBit.write) === 0) continue;
			turn.isWriting = true;
			await client.set(object, attribute, data!); // some refuse what they are, as a list that reads as the default
			turn.isWriting = false;
		}
		assert.equal((await client.get(object, all)).result, 0, `${logicalName} attribute 0`);
	}
	await client.release();
}
