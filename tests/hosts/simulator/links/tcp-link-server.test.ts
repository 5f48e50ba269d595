// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { ListenError } from "../../../../hosts/simulator/links/listen-error.js";
import {
	isLoopback,
	TcpLinkServer,
	type TcpLinkServerOptions,
} from "../../../../hosts/simulator/links/tcp-link-server.js";
import { FakeApduHandler } from "../../../support/fake-apdu-handler.js";
import { ManualTime, TestClient, until } from "./test-client.js";

const request = "0001001000010002c001";
const answer = "0001000100100002c001";
const answerSize = answer.length / 2;

/** Asks for 60000 octets. */
const longRequest = "00010010000100034cea60";

describe("TCP link server", () => {
	const time = new ManualTime();
	let handler: FakeApduHandler;
	let server: TcpLinkServer;
	let port: number;
	let clients: TestClient[];
	const setup = { simultaneousConnections: 4, inactivityTimeout_s: 120 };
	const log: string[] = [];

	const start = async (options: Partial<TcpLinkServerOptions> = {}) => {
		server = new TcpLinkServer({
			host: "127.0.0.1",
			port: 0,
			time,
			handler,
			setup,
			wrapper: { maximumApdu: 65_535 },
			roomTimeout_ms: 20,
			log: { write: (_level, _part, message) => void log.push(message) },
			...options,
		});
		port = await server.listen();
	};

	const open = async () => {
		const before = server.connectionCount;
		const client = await TestClient.open(port);
		clients.push(client);
		await until(() => client.isClosed || server.connectionCount !== before || client.received !== "");
		return client;
	};

	const exchange = async (client: TestClient) => {
		client.send(request);
		assert.equal(await client.take(answerSize), answer);
	};

	beforeEach(async () => {
		handler = new FakeApduHandler();
		clients = [];
		log.splice(0);
		time.time_ms = 0;
		setup.simultaneousConnections = 4;
		await start();
	});

	afterEach(async () => {
		await server.close();
		for (const client of clients) await client.closed();
		assert.equal(handler.openLinks, 0, "every link is closed in the end");
	});

	it("serves several clients at once on a free port (F77, G11)", async () => {
		assert.ok(port > 0);
		const first = await open();
		const second = await open();
		first.send(request.slice(0, 8));
		await exchange(second);
		first.send(request.slice(8));
		assert.equal(await first.take(answerSize), answer);
		assert.equal(server.connectionCount, 2);
	});

	it("answers a stream of requests in order (F77)", async () => {
		const client = await open();
		const count = 500;
		client.send(
			Array.from({ length: count }, (_, n) =>
				`000100100001 0004c000${n.toString(16).padStart(4, "0")}`.replace(" ", ""),
			).join(""),
		);
		const answers = await client.take(count * 12);
		for (let n = 0; n < count; n++) {
			assert.equal(answers.slice(24 * n + 20, 24 * n + 24), n.toString(16).padStart(4, "0"));
		}
	});

	it("ends the link when the client goes", async () => {
		const client = await open();
		await exchange(client);
		await client.end();
		await until(() => handler.openLinks === 0);
		assert.deepEqual(handler.aborts, [undefined]);
		assert.equal(server.nextDeadline_ms, Infinity);
	});

	it("closes only the connection that misbehaves (G9, F77)", async () => {
		const good = await open();
		const bad = await open();
		bad.send("0002001000010002c001");
		await bad.closed();
		await exchange(good);
		assert.equal(server.connectionCount, 1);
	});

	it("delivers what was answered before it closes", async () => {
		const client = await open();
		client.send(`${request}0001001000010000`);
		assert.equal(await client.take(answerSize), answer);
		await client.closed();
	});

	it("closes silent connections by meter time, and says when deadlines move (SEC-conn)", async () => {
		const client = await open();
		await exchange(client);
		assert.equal(server.nextDeadline_ms, 120_000);
		const before = time.changes;
		time.time_ms = 5000;
		client.send(request.slice(0, 6));
		await until(() => time.changes > before);
		assert.equal(server.nextDeadline_ms, 15_000);
		server.advance(14_999);
		assert.equal(server.connectionCount, 1);
		time.time_ms = 15_000;
		server.advance(15_000);
		await client.closed();
		assert.equal(server.nextDeadline_ms, Infinity);
	});

	it("lets only a few connections wait for room, and serves them in the order they came", async () => {
		await server.close();
		setup.simultaneousConnections = 1;
		await start({ roomTimeout_ms: 60_000 });
		const first = await open();
		await exchange(first);
		const waiting: TestClient[] = [];
		for (let n = 0; n < 8; n++) {
			const client = await TestClient.open(port);
			clients.push(client);
			client.send(request);
			waiting.push(client);
		}
		const refused = await TestClient.open(port);
		clients.push(refused);
		await refused.closed();
		assert.equal(server.connectionCount, 1);
		assert.equal(waiting.filter(({ isClosed }) => isClosed).length, 0);
		await first.end();
		assert.equal(await waiting[0]!.take(answerSize), answer);
		assert.equal(waiting[1]!.received, "");
		await waiting[1]!.end();
		await waiting[0]!.end();
		assert.equal(await waiting[2]!.take(answerSize), answer);
	});

	it("refuses a connection above the limit while the others are in use", async () => {
		setup.simultaneousConnections = 2;
		const used = [await open(), await open()];
		for (const client of used) await exchange(client);
		time.time_ms = 60_000;
		const third = await open();
		await third.closed();
		for (const client of used) await exchange(client);
		await used[0]!.end();
		await until(() => server.connectionCount === 1);
		await exchange(await open());
	});

	it("lets a client in while 50 others hold half a request each (SEC-conn)", async () => {
		const slow: TestClient[] = [];
		for (let n = 0; n < 50; n++) {
			time.time_ms += 100;
			const client = await TestClient.open(port);
			clients.push(client);
			client.send("0001");
			slow.push(client);
		}
		await until(() => slow.filter((client) => !client.isClosed).length <= 4);
		time.time_ms += 2000;
		const client = await TestClient.open(port);
		clients.push(client);
		await exchange(client);
		assert.ok(server.connectionCount <= 4);
	});

	it("gives up the oldest idle connection without authentication when it can tell, never another (SEC-conn)", async () => {
		await server.close();
		await start({ isAuthenticated: (link) => link === 0 });
		setup.simultaneousConnections = 3;
		const [authenticated, oldest, newest] = [await open(), await open(), await open()];
		for (const client of [authenticated, oldest, newest]) await exchange(client);
		time.time_ms = 1999;
		await (await open()).closed();
		time.time_ms = 2000;
		const late = await TestClient.open(port);
		clients.push(late);
		await exchange(late);
		await oldest.closed();
		await exchange(authenticated);
		await exchange(newest);
	});

	it("stops to read from a client that does not read, and drops it when it falls silent (G8, SEC-mem)", async () => {
		const client = await open();
		const other = await open();
		const count = 50_000;
		client.stopReading();
		client.send("00010010000100034c03e8".repeat(count)); // 50 MB of answers
		await until(() => handler.requests.length > 1000);
		let last = 0;
		for (let quiet = 0; quiet < 50; quiet++) {
			await exchange(other); // is served meanwhile
			if (handler.requests.length !== last + 1) quiet = 0;
			last = handler.requests.length;
		}
		assert.ok(handler.requests.length < count / 2, "most was not taken in");
		assert.equal(server.connectionCount, 2);
		time.time_ms = 60_000;
		await exchange(other);
		time.time_ms = 120_000;
		server.advance(120_000);
		await until(() => server.connectionCount === 1);
		client.socket.resume();
		await client.closed();
		await exchange(other);
	});

	it("gives every answer to a client that reads late", async () => {
		const client = await open();
		const count = 15_000;
		let octets = 0;
		client.socket.removeAllListeners("data");
		client.socket.on("data", (bytes) => {
			octets += bytes.length;
		});
		client.stopReading();
		client.send("00010010000100034c03e8".repeat(count));
		await until(() => handler.requests.length > 100);
		client.socket.resume();
		await until(() => octets === count * 1008);
		assert.equal(handler.requests.length, count);
	});

	it("drops a client when more waits for it than may (G8, SEC-mem)", async () => {
		await server.close();
		await start({ maximumBacklog: 100_000 });
		const client = await open();
		const other = await open();
		client.stopReading();
		client.send(longRequest.repeat(2000));
		await until(() => server.connectionCount === 1);
		assert.ok(log.some((line) => line.includes("does not read")));
		client.socket.resume();
		await client.closed();
		await exchange(other);
	});

	it("goes on serving when a session fails by our own fault", async () => {
		const bad = await open();
		const good = await open();
		const handle = handler.handle;
		handler.handle = () => {
			throw new Error("broken invariant");
		};
		bad.send(request);
		await bad.closed();
		handler.handle = handle;
		await exchange(good);
		assert.ok(log.some((line) => line.includes("broken invariant")));
	});

	it("refuses a connection when the server has no room for the link", async () => {
		handler.maximumLinks = 1;
		await exchange(await open());
		const second = await TestClient.open(port);
		clients.push(second);
		await second.closed();
		assert.equal(handler.openLinks, 1);
	});

	it("says clearly that a port is taken, and can be tried again", async () => {
		const second = new TcpLinkServer({ host: "127.0.0.1", port, time, handler, setup, wrapper: { maximumApdu: 100 } });
		await assert.rejects(second.listen(), (error: unknown) => {
			assert.ok(error instanceof ListenError);
			assert.equal(error.code, "EADDRINUSE");
			assert.ok(error.message.includes(`127.0.0.1 port ${port}`));
			return true;
		});
		await server.close();
		assert.equal(await second.listen(), port);
		await second.close();
	});

	it("takes one connection from each remote address, any number from this machine (SEC-conn)", () => {
		class Probe extends TcpLinkServer {
			mayOpen(count: number, sameAddress: number, remoteAddress: string): boolean {
				return this.hasRoom(count, sameAddress, remoteAddress);
			}
		}
		const options = { host: "127.0.0.1", port: 0, time, handler, setup, wrapper: { maximumApdu: 100 } };
		const probe = new Probe(options);
		assert.ok(probe.mayOpen(3, 0, "10.0.0.7"));
		assert.ok(!probe.mayOpen(1, 1, "10.0.0.7"));
		assert.ok(probe.mayOpen(3, 3, "::1"));
		assert.ok(!probe.mayOpen(4, 0, "10.0.0.7"));
	});

	it("knows the addresses of this machine", () => {
		for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"]) assert.ok(isLoopback(address));
		for (const address of ["10.0.0.1", "::2", "::ffff:10.127.0.1", "1127.0.0.1", ""]) assert.ok(!isLoopback(address));
	});
});
