// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { WrapperDatagram } from "../../../src/cosem/wrapper/wrapper-datagram.js";
import { fromHex } from "../../support/client/bytes.js";
import { FakeApduHandler } from "../../support/fake-apdu-handler.js";

describe("wrapper over datagrams", () => {
	let handler: FakeApduHandler;
	let session: WrapperDatagram;

	beforeEach(() => {
		handler = new FakeApduHandler();
		session = new WrapperDatagram(handler, { port: "udp", name: "udp" });
	});

	it("F77: hands each unit to the server, addressed to the meter or to all", () => {
		session.receive(fromHex("000100660001 0002 c101".replaceAll(" ", "")));
		session.receive(fromHex("00010066ffff 0001 c1".replaceAll(" ", "")));
		assert.deepEqual(
			handler.requests.map(({ clientSap, serverSap }) => [clientSap, serverSap]),
			[
				[0x66, 1],
				[0x66, 0xffff],
			],
		);
	});

	it("drops what is not exactly one unit of version 1, and opens no link for it", () => {
		for (const bad of [
			"",
			"0001",
			"0001006600010000",
			"0002006600010001c1",
			"0001006600010002c1",
			"0001006600010001c1c2",
		]) {
			session.receive(fromHex(bad));
		}
		assert.deepEqual(handler.requests, []);
		session.close();
	});
});
