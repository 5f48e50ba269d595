// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { asNumber, data, elementsOf, ref } from "../../tests/support/client/data.js";
import type { Connect, ConnectHdlc, Exchange, Turn } from "./client-session.js";

const scriptTable = 9;
/** Their methods are about keys and secrets, and end what the client is doing. */
const left: readonly number[] = [15, 64];
/** Of each kind of script of a table with many of them, one. */
const tariffTable = "0-0:10.0.100.255";
const tariffScripts: readonly number[] = [3, 13, 23];

/**
 * Management calls each method of each object, and each script, over the deepest of the links. What is refused for its
 * parameter has been decoded, at least.
 */
export async function methodsVisit(
	_connect: Connect,
	turn: Turn,
	_exchange: Exchange,
	connectHdlc: ConnectHdlc,
): Promise<void> {
	const client = await connectHdlc(0);
	await client.associate();
	const objects = await client.readObjectList();
	let done = 0;
	turn.isWriting = true;
	for (const { classId, logicalName, methods } of objects) {
		if (left.includes(classId)) continue;
		const object = ref(classId, logicalName);
		if (classId !== scriptTable) {
			for (const [method, mode] of methods) {
				if (mode === 0) continue;
				if ((await client.action(object, method, data.integer(0))).result === 0) done++;
			}
			continue;
		}
		if (methods.get(1) === 0) continue;
		const scripts = elementsOf(await client.read(object, 2)).map((script) => asNumber(elementsOf(script)[0]!));
		for (const id of scripts) {
			if (logicalName === tariffTable && !tariffScripts.includes(id)) continue;
			if ((await client.action(object, 1, data.longUnsigned(id))).result === 0) done++;
		}
	}
	turn.isWriting = false;
	assert.ok(done > 100, `${done} methods were done`);
	await client.release();
}
