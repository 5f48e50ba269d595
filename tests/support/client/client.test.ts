// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { fromHex, toHex } from "./bytes.js";
import { DlmsClient } from "./client.js";
import { data, ref } from "./data.js";
import type { Duplex } from "./duplex.js";
import { ExceptionResponseError, ProtocolError } from "./errors.js";
import { encodeWrapper, takeWrapper } from "./wrapper.js";

const accepted = "6129a109060760857405080101a203020100a305a103020100be10040e0800065f1f0400007c1f04000007";
const register = ref(3, "1-0:1.8.0.255");

/** A meter in virtual time: each request is answered with the next of `answers`, but only while the client is idle. */
function scripted(answers: readonly string[]): { duplex: Duplex; requests: string[] } {
	const requests: string[] = [];
	const due: Uint8Array[] = [];
	const duplex: Duplex = {
		onData: () => undefined,
		onClose: () => undefined,
		close: () => undefined,
		write(bytes) {
			const { message } = takeWrapper(bytes)!;
			requests.push(toHex(message.apdu));
			due.push(encodeWrapper(message.destination, message.source, fromHex(answers[requests.length - 1]!)));
		},
		idle() {
			const bytes = due.shift();
			if (bytes === undefined) this.onClose();
			else for (const half of [bytes.slice(0, 5), bytes.slice(5)]) this.onData(half);
		},
	};
	return { duplex, requests };
}

describe("test client: over a line in memory", () => {
	it("associates and reads", async () => {
		const { duplex, requests } = scripted([accepted, "c401c1000600001391"]);
		const client = DlmsClient.overWrapper(duplex, { clientSap: 16, conformance: 0x007e1f, maximumPduSize: 1200 });
		const { initiate } = await client.associate();
		assert.equal(initiate.maximumPduSize, 1024);
		assert.deepEqual(await client.read(register, 2), data.doubleLongUnsigned(5009));
		assert.deepEqual(requests, [
			"601da109060760857405080101be10040e01000000065f1f0400007e1f04b0",
			"c001c100030100010800ff0200",
		]);
	});

	it("collects blocks, and asks for each with the number of the one before", async () => {
		const { duplex, requests } = scripted(["c402c1000000000100020600", "c402c101000000020003001391"]);
		const client = DlmsClient.overWrapper(duplex, { clientSap: 16 });
		assert.deepEqual(await client.read(register, 2), data.doubleLongUnsigned(5009));
		assert.equal(requests[1], "c002c100000001");
	});

	it("sends a value in blocks of the size that is asked for", async () => {
		const { duplex, requests } = scripted(["c502c100000001", "c502c100000002", "c503c10000000003"]);
		const client = DlmsClient.overWrapper(duplex, { clientSap: 16 });
		assert.equal(await client.set(ref(1, "0-0:96.1.1.255"), 2, data.octetString("abcdef"), 3), 0);
		assert.deepEqual(requests, [
			"c102c100010000600101ff02000000000001" + "03090661",
			"c103c10000000002" + "03626364",
			"c103c10100000003" + "026566",
		]);
	});

	it("throws exceptions, and refuses an answer to something else", async () => {
		const { duplex } = scripted(["d80101", "c401c3000600001391"]);
		const client = DlmsClient.overWrapper(duplex, { clientSap: 16 });
		await assert.rejects(client.get(register, 2), ExceptionResponseError);
		await assert.rejects(client.get(register, 2), (error) => error instanceof ProtocolError);
	});
});
