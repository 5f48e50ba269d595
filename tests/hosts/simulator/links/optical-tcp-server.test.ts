// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { OpticalTcpServer } from "../../../../hosts/simulator/links/optical-tcp-server.js";
import { defaultHdlcSetup } from "../../../../src/cosem/hdlc/hdlc-setup.js";
import { defaultLocalPortSetup } from "../../../../src/iec62056-21/local-port-setup.js";
import { commandLlc, disc, frame, i, parameterField, responseLlc, snrm, ua } from "../../../cosem/hdlc/hdlc-frames.js";
import { toHex } from "../../../support/client/bytes.js";
import { FakeApduHandler } from "../../../support/fake-apdu-handler.js";
import { ManualTime, TestClient, until } from "./test-client.js";

const hexOf = (text: string) => toHex(Uint8Array.from(text, (c) => c.charCodeAt(0)));
const uaFrame = frame("21", "03", ua, parameterField(128, 128, 1, 1));

describe("optical port over TCP", () => {
	const time = new ManualTime();
	let handler: FakeApduHandler;
	let server: OpticalTcpServer;
	let port: number;
	let client: TestClient;
	let isPowered = true;

	/** Waits until the port has something to do and lets it do it, as the clock of the meter would. */
	const runDeadline = async () => {
		await until(() => server.nextDeadline_ms < time.time_ms + 10_000);
		time.time_ms = server.nextDeadline_ms;
		server.advance(time.time_ms);
	};

	beforeEach(async () => {
		handler = new FakeApduHandler();
		time.time_ms = 0;
		server = new OpticalTcpServer({
			host: "127.0.0.1",
			port: 0,
			time,
			handler,
			isPowered: () => isPowered,
			optical: {
				setup: defaultLocalPortSetup(),
				hdlcSetup: defaultHdlcSetup(12_345_678),
				hdlc: { maximumApdu: 1024, maximumInformation: 2030, connections: 4, minimumInterOctetTimeout_ms: 10_000 },
				manufacturer: "SXF",
				identification: "ST402D",
				serialNumber: Uint8Array.from("12345678", (c) => c.charCodeAt(0)),
			},
		});
		port = await server.listen();
		client = await TestClient.open(port);
		await until(() => server.connectionCount === 1);
	});

	afterEach(async () => {
		await server.close();
		await client.closed();
		assert.equal(handler.openLinks, 0);
	});

	it("leads from sign-on by mode E to an answered request and back (F53)", async () => {
		client.send(hexOf("/?!\r\n"));
		await runDeadline();
		assert.equal(time.time_ms, 200);
		assert.equal(await client.take(15), hexOf("/SXF5\\2ST402D\r\n"));
		client.send(hexOf("\x06252\r\n"));
		await until(() => server.nextDeadline_ms === 400);
		await runDeadline();
		assert.equal(await client.take(6), hexOf("\x06252\r\n"));
		client.send(frame("03", "21", snrm));
		assert.equal(await client.take(uaFrame.length / 2), uaFrame);
		client.send(frame("03", "21", i(0, 0), `${commandLlc}c0`));
		const answer = frame("21", "03", i(0, 1), `${responseLlc}c0`);
		assert.equal(await client.take(answer.length / 2), answer);
		client.send(frame("03", "21", disc));
		const end = frame("21", "03", ua);
		assert.equal(await client.take(end.length / 2), end);
		assert.deepEqual(handler.aborts, [16]);
	});

	it("has place for one optical head; the next one begins anew", async () => {
		client.send(frame("03", "21", snrm));
		await client.take(uaFrame.length / 2);
		const second = await TestClient.open(port);
		await second.closed();
		await client.end();
		await until(() => server.connectionCount === 0);
		assert.deepEqual(handler.aborts, [16, undefined]);
		client = await TestClient.open(port);
		client.send(hexOf("/?!\r\n"));
		await runDeadline();
		assert.equal(await client.take(15), hexOf("/SXF5\\2ST402D\r\n"));
	});

	it("hears no head without supply", async () => {
		await client.end();
		await until(() => server.connectionCount === 0);
		isPowered = false;
		const early = await TestClient.open(port);
		early.send(hexOf("/?!\r\n"));
		await early.closed();
		isPowered = true;
		client = await TestClient.open(port);
		client.send(hexOf("/?!\r\n"));
		await runDeadline();
		assert.equal(await client.take(15), hexOf("/SXF5\\2ST402D\r\n"));
	});

	it("lets the next head wait for the end of the one before", async () => {
		const places = server.connectionCount;
		const second = await TestClient.open(port);
		second.send(frame("03", "21", snrm));
		await client.end();
		assert.equal(await second.take(uaFrame.length / 2), uaFrame, "what it sent while it waited counts");
		assert.equal(server.connectionCount, places);
		client = second;
	});
});
